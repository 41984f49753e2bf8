"""One hyperparameter of a population: where it starts, and how far it may go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

from indl_vae.params.field import SearchRange


class HyperParameter(BaseModel):
    """The range of a hyperparameter.

    Attributes:
        low: Smallest value that is drawn.
        high: Largest.
        scale: "linear" or "log": how first values are drawn.
        initial: The first value of all members; None to draw one for each.
        explore: Weight w of the explore step: the largest relative change.
        limits: Whether values stay between low and high when they are varied; else they only stay above 0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    initial: float | None = None
    explore: float = 0.3
    limits: bool = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0.0 <= self.low < self.high:
            raise ValueError(f"expected 0 <= low < high, got {self.low} and {self.high}")
        if self.scale == "log" and self.low == 0.0:
            raise ValueError("expected low > 0 on a log scale, got 0")
        if self.initial is not None and not self.low <= self.initial <= self.high:
            raise ValueError(f"expected initial between {self.low} and {self.high}, got {self.initial}")
        if not 0.0 < self.explore < 1.0:
            raise ValueError(f"expected explore between 0 and 1, got {self.explore}")
        return self

    @classmethod
    def of_range(cls, search: SearchRange) -> HyperParameter:
        """Returns the hyperparameter of a declared search range; what spans orders of magnitude is varied more."""
        weight = 0.8 if search.scale == "log" else 0.3
        return cls(low=search.low, high=search.high, scale=search.scale, explore=weight)

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which a varied value lies; 0 itself is never reached, since nothing leads away from it."""
        return (self.low, self.high) if self.limits else (0.0, math.inf)

    def first(self, rng: np.random.Generator) -> float:
        """Returns a first value."""
        return self.initial if self.initial is not None else self.draw(rng)

    def draw(self, rng: np.random.Generator) -> float:
        """Returns a value drawn from the range."""
        if self.scale == "log":
            return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))
        return float(rng.uniform(self.low, self.high)) or float(np.nextafter(0.0, 1.0))

    def inside(self, value: float) -> float:
        """Returns the value of the bounds that is nearest to one."""
        low, high = self.bounds
        return min(max(value, low), high)


def first_values(space: Mapping[str, HyperParameter], rng: np.random.Generator) -> dict[str, Any]:
    """Returns first values of all hyperparameters."""
    return {name: one.first(rng) for name, one in space.items()}
