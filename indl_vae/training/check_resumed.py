"""Whether a run that goes on is asked for what it is."""

from __future__ import annotations

from typing import Any

from indl_vae.errors import RunError
from indl_vae.params import Params

#: What may be another in a run that goes on.
MAY_CHANGE = ("n_epochs",)


def check_resumed(model: Any, params: Params, reset_learning_rate: bool = False) -> None:
    """Refuses to go on with a model under parameters that are not its own: the folder would then say what is not so.

    Args:
        model: From the checkpoint.
        params: Those that the run is to go on with.
        reset_learning_rate: Whether the learning rate may be another.

    Raises:
        RunError: It lists what differs.
    """
    may_change = (*MAY_CHANGE, "learning_rate") if reset_learning_rate else MAY_CHANGE
    trained = {**model.params}
    changed = [
        f"{name} = {value!r} (the checkpoint has {trained.get(name)!r})"
        for name, value in {**params}.items()
        if value != trained.get(name) and name not in may_change
    ]
    if changed:
        raise RunError(
            f"resume: expected the parameters that the run began with, except {', '.join(may_change)}; got "
            f"{', '.join(changed)}. Take those back, also in params.yaml, or start a new run, with start_from if it is "
            "to begin with these weights."
        )
