"""Terms of the loss beside the bound, each with a name and a weight of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

from indl_vae.builders import RegionPath, RegionReadout
from indl_vae.layers import MessageSize, Overshooting, OvershootLoss, PathRoughness, StatePath, SwitchingDynamics
from indl_vae.models.term import Term
from indl_vae.params import Params


class Wired(NamedTuple):
    """The parts of a model that the terms are made of.

    Attributes:
        inputs: Keras inputs by Batch key.
        ext: `(B, T, U)`, or None.
        counted: `(B, T)`, 1 in bins of the trial.
        system: The generative model.
        path: The draw of the latents.
        readout: The observation model.
    """

    inputs: dict[str, Any]
    ext: Any
    counted: Any
    system: SwitchingDynamics
    path: RegionPath
    readout: RegionReadout


class Extra(NamedTuple):
    """Outputs of the core, "_<term>" `(B,)` each, and the terms."""

    outputs: dict[str, Any]
    terms: dict[str, Term]


def extra_terms(params: Params, wired: Wired) -> Extra:
    """Returns the terms that the parameters ask for: overshooting, smoothness, size of messages, balance of states.

    Args:
        params: Reads `overshoot`, `overshoot_weight`, `overshoot_weights`, `overshoot_on`, `smooth_coef`,
            `message_penalty`, `state_balance`.
        wired: What the model is made of.
    """
    values = _overshooting(params, wired) if params.overshoot else {}
    weights = dict.fromkeys(values, params.overshoot_weight)
    path, counted = wired.path.sample, wired.counted
    if params.smooth_coef:
        values["smoothness"], weights["smoothness"] = PathRoughness(name="roughness")(path, counted), params.smooth_coef
    if params.message_penalty:
        size = MessageSize(wired.system, name="message_size")
        values["messages"] = size(path, wired.path.state_probs, wired.ext, counted)
        weights["messages"] = params.message_penalty
    if params.state_balance:
        states = StatePath(wired.system, name="states")(path, wired.ext, counted)
        values["state_balance"], weights["state_balance"] = states.imbalance, params.state_balance
    terms = {name: Term(weights[name], over_bins=True, name=name) for name in values}
    return Extra({f"_{name}": value for name, value in values.items()}, terms)


def _overshooting(params: Params, wired: Wired) -> dict[str, Any]:
    weights = params.overshoot_weights or (1.0,) * params.overshoot
    ahead = Overshooting(wired.system, weights, name="overshooting")
    path = wired.path
    shot = ahead(path.sample, path.state_probs, wired.ext, wired.counted)
    made = {}
    if params.overshoot_on in ("latents", "both"):
        made["overshoot_latents"] = shot.cost
    if params.overshoot_on in ("observations", "both"):
        score = OvershootLoss(wired.readout.likelihood, weights, name="overshoot_loss")
        inputs = wired.inputs
        raw = wired.readout(shot.paths)
        made["overshoot_observations"] = score(raw, inputs["x"], inputs["mask"], inputs["visible"])
    return made
