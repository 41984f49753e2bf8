"""What is set of a population beside the parameters of its members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from indl_vae.errors import ConfigError
from indl_vae.tuning.pbt.hyper_parameter import HyperParameter


class PopulationSettings(BaseModel):
    """Size and rules of a population; the key `population` of a configuration file.

    Attributes:
        size: Number of members.
        generations: Most generations.
        epochs_per_generation: Epochs between two exchanges.
        burn_in: Epochs that the first generation has besides; None for those until the ramps end.
        exploit: "binary_tournament" (AutoLFADS), "pairs" (lfads-torch), "quantiles" (Ray Tune), or "none": a random
            search with the same budget.
        explore: "perturb" (AutoLFADS), "linear" (lfads-torch) or "ray" (Ray Tune).
        patience: Generations over which the best score must improve by `min_improvement`, else the training ends; 0
            for never.
        min_improvement: Improvement of the best score over `patience` generations, relative to their mean.
        seed: Of first values and exchanges; member i trains with the seed `seed + i` of the parameters.
        space: Hyperparameters by name; empty for the live parameters of the family that have a search range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    size: int = Field(20, ge=1)
    generations: int = Field(50, ge=1)
    epochs_per_generation: int = Field(25, ge=1)
    burn_in: int | None = Field(None, ge=0)
    exploit: Literal["binary_tournament", "pairs", "quantiles", "none"] = "binary_tournament"
    explore: Literal["perturb", "linear", "ray"] = "perturb"
    patience: int = Field(4, ge=0)
    min_improvement: float = Field(5e-4, ge=0.0)
    seed: int = Field(0, ge=0)
    space: dict[str, HyperParameter] = {}

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        if self.size < 2 and self.exploit != "none":
            raise ValueError(f"size: expected at least 2 members that can copy one another, got {self.size}")
        return self

    @classmethod
    def read(cls, written: Mapping[str, Any], **changes: Any) -> PopulationSettings:
        """Returns the settings of a mapping, with changes that are not None.

        Raises:
            ConfigError: A key is not known, or a value not accepted.
        """
        if not isinstance(written, Mapping):
            raise ConfigError(
                f"population: expected a mapping of settings, got {written!r}. Write size: 20, and so on."
            )
        try:
            return cls(**{**written, **{key: value for key, value in changes.items() if value is not None}})
        except (ValidationError, TypeError) as error:
            raise ConfigError(_explain(error)) from error


def _explain(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return f"population: {error}. Keys are {', '.join(PopulationSettings.model_fields)}."
    lines = []
    for found in error.errors():
        place = ".".join(str(one) for one in ("population", *found["loc"]))
        what = found["msg"].removeprefix("Value error, ")
        lines.append(f"{place}: {what[:1].lower()}{what[1:]}; got {_shown(found['input'])}.")
    return "\n".join(lines) + f" Keys are {', '.join(PopulationSettings.model_fields)}."


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."
