"""Weights of a trained model as the first ones of another, sessions added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indl_vae.errors import ConfigError

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

#: Beginnings of the paths of weights that a session brings with it.
_OF_SESSIONS = ("read_in/", "readout/")
_SHOWN = 3


def inherit(model: SequentialVAE, trained: SequentialVAE, differing_params: str = "") -> None:
    """Gives a model the weights of a trained one, and of sessions that the other does not have its own first ones.

    Args:
        model: The new model. Its first sessions are those of the trained one, in its order.
        trained: The trained one.
        differing_params: Parameters in which the two differ, for the message.

    Raises:
        ConfigError: The models differ in other sizes than those of their sessions.
    """
    known = {weight.path: weight for weight in trained.core.weights}
    ours = {weight.path: weight for weight in model.core.weights}
    new = {path for path in ours.keys() - known.keys() if not path.startswith(_OF_SESSIONS)}
    other = {path for path in ours.keys() & known.keys() if ours[path].shape != known[path].shape}
    if new or other or known.keys() - ours.keys():
        differing = sorted(new | other | (known.keys() - ours.keys()))
        sizes = [
            f"{one.spec.n_channels} channels, {one.spec.ext_input_dim} external inputs" for one in (model, trained)
        ]
        raise ConfigError(
            f"start_from: the trained model has other weights than this one: {', '.join(differing[:_SHOWN])}"
            f"{f' and {len(differing) - _SHOWN} more' if len(differing) > _SHOWN else ''}. Parameters that differ: "
            f"{differing_params or 'none'}. Data: {sizes[0]} (there {sizes[1]}). Sizes must be those of the trained "
            "model; a session can be added to a model of several sessions, or of one with an alignment matrix."
        )
    for path in ours.keys() & known.keys():
        ours[path].assign(known[path])
