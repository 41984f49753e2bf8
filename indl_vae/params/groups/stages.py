"""What comes before and after the training proper."""

from __future__ import annotations

from indl_vae.params.base import Params
from indl_vae.params.field import param
from indl_vae.params.stage import Stages


class StagesGroup(Params):
    """Parameters of restarts and of further stages of training."""

    stages: Stages = param(
        (),
        "Further stages of training, each from the best model of the one before: mappings with n_epochs or n_steps, "
        "and frozen (parts that are not trained: inference, generative, or beginnings of layers' names), learning_rate "
        "and lr_warmup_steps.",
    )
    restarts: int = param(
        0, "Models with other initial weights that are tried first; the best one on validation trials goes on.", ge=0
    )
    restart_epochs: int = param(10, "Epochs that each of them is trained.", unit="epochs", ge=1)


class StepsGroup(Params):
    """The length of training in steps."""

    n_steps: int | None = param(
        None,
        "Training steps of the run, in place of n_epochs, which becomes as many epochs as they fill; null for "
        "n_epochs.",
        unit="steps",
        ge=1,
        aliases=("num_steps",),
    )
