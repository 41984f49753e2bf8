"""What comes before and after the training proper."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

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


class SecondStageGroup(Params):
    """A second stage in which the inference network stays as it is, in the keys of the published configurations."""

    dynamics_only: bool = param(
        False, "Whether there is a second stage without the inference network; short for an entry of stages."
    )
    num_steps_do: int = param(0, "Its training steps.", unit="steps", ge=0)
    lr_warmup_steps_do: int = param(0, "Its steps until the learning rate is reached.", unit="steps", ge=0)

    @model_validator(mode="before")
    @classmethod
    def _as_a_stage(cls, values: Any) -> Any:
        asked = isinstance(values, dict) and values.get("dynamics_only") and values.get("num_steps_do")
        if not asked or values.get("stages"):
            return values
        stage = {"n_steps": values["num_steps_do"], "lr_warmup_steps": values.get("lr_warmup_steps_do", 0)}
        return {**values, "stages": [{**stage, "frozen": ["inference"]}]}

    @model_validator(mode="after")
    def _of_some_length(self) -> Self:
        if self.dynamics_only and not self.num_steps_do:
            raise ValueError(
                "num_steps_do: expected at least 1 with dynamics_only, got 0. Set it, or leave dynamics_only out."
            )
        return self
