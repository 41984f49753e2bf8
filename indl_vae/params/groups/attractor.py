"""Regularisation of some latent states towards a manifold attractor."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from indl_vae.params.base import Params
from indl_vae.params.field import param

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Strength = Annotated[float, Field(ge=0.0)]


class AttractorGroup(Params):
    """Parameters of the manifold-attractor regularisation (Schmidt et al. 2021): `a_i -> 1`, `W_ij -> 0`, `h_i -> 0`.

    States so regularised keep what they hold: a line attractor with one of them.
    """

    reg_ratios: tuple[Share, ...] = param(
        (),
        "Shares of the latent states that are regularised, by group; they add up to at most 1.",
        ge=0.0,
        le=1.0,
    )
    reg_alphas: tuple[Strength, ...] = param((), "Strength of the regularisation of each group.")
    reg: tuple[tuple[Share, Strength], ...] | None = param(
        None, "The same as pairs of share and strength, [[0.5, 1.0], [0.3, 0.1]]; null where the two lists say it."
    )
    reg_axis: str = param(
        "row",
        "Which weights of a regularised state go to 0: those onto it ('row'), which makes an attractor, or those from "
        "it ('col'), as the code published for variational inference has it.",
        choices=("row", "col"),
    )
    reg_norm: str = param("l2", "Whether squares or absolute values are added up.", choices=("l2", "l1"))
    reg_states: str = param(
        "first", "Whether groups are counted from the first state or from the last.", choices=("first", "last")
    )

    @model_validator(mode="before")
    @classmethod
    def _pairs(cls, values: Any) -> Any:
        pairs = values.get("reg")
        if not pairs:
            return values
        listed = isinstance(pairs, (list, tuple))
        if not (listed and all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs)):
            raise ValueError(f"reg: expected pairs of a share and a strength, [[0.5, 1.0], ...], got {pairs!r}.")
        if values.get("reg_ratios") or values.get("reg_alphas"):
            lists = (tuple(values.get("reg_ratios", ())), tuple(values.get("reg_alphas", ())))
            if lists != (tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)):
                raise ValueError("reg: expected null beside reg_ratios and reg_alphas, got pairs too. Give one.")
        return {**values, "reg_ratios": [p[0] for p in pairs], "reg_alphas": [p[1] for p in pairs]}

    @model_validator(mode="after")
    def _groups_fit(self) -> Self:
        if len(self.reg_ratios) != len(self.reg_alphas):
            raise ValueError(
                f"reg_alphas: expected one for each of {len(self.reg_ratios)} reg_ratios, got {len(self.reg_alphas)}."
            )
        if sum(self.reg_ratios) > 1.0 + 1e-9:
            raise ValueError(
                f"reg_ratios: expected shares that add up to at most 1, got {list(self.reg_ratios)}. Make them smaller."
            )
        return self
