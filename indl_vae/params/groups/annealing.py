"""How likelihood and latent terms are balanced over the course of training."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from indl_vae.params.base import Params
from indl_vae.params.field import param

KINDS = ("none", "lin", "quad", "exp", "const")


class AnnealingGroup(Params):
    """Parameters of the factor a of the loss `-(1 - a) (H + log p(z)) - a log p(x | z)` (Brenner, Hess et al. 2022).

    With p the share of epochs done: none 0.5, lin p/2, quad p (1 - p/2), exp (1 - exp(-k p))/2, const c.
    """

    annealing: str = param(
        "none",
        "Course of the factor a; 0.5 throughout with 'none'. A list gives the constant too: ['exp', 10], "
        "['const', 0.8].",
        choices=KINDS,
    )
    annealing_factor: float | None = param(
        None, "Constant of the course: k of 'exp' (10 by default), c of 'const' (0.5 by default).", ge=0.0
    )
    annealing_step_size: int = param(1, "Epochs after which the factor is changed.", unit="epochs", ge=1)

    @model_validator(mode="before")
    @classmethod
    def _list_or_name(cls, values: Any) -> Any:
        given = values.get("annealing")
        if given is None and "annealing" in values:
            return {**values, "annealing": "none"}
        if not isinstance(given, (list, tuple)):
            return values
        if not 1 <= len(given) <= 2:
            raise ValueError(f"annealing: expected a name, or a name and its constant, got {list(given)}.")
        own = {"annealing": given[0]} | ({"annealing_factor": given[1]} if len(given) == 2 else {})
        return {**values, **own}

    @model_validator(mode="after")
    def _constant_of_the_course(self) -> Any:
        if self.annealing_factor is None:
            return self
        if self.annealing not in ("exp", "const"):
            raise ValueError(
                f"annealing_factor: expected null with annealing = {self.annealing!r}, got {self.annealing_factor:g}; "
                "'exp' and 'const' have a constant. Leave it out."
            )
        if self.annealing == "const" and self.annealing_factor > 1.0:
            raise ValueError(
                f"annealing_factor: expected 0 to 1 with annealing = 'const', got {self.annealing_factor:g}."
            )
        return self
