"""The sizes of data and model that are measured."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Shape:
    """Sizes of one batch and of the LFADS model that is trained on it.

    Attributes:
        trials, bins, channels: Of a batch, `(B, T, N)`.
        ic_enc, ci_enc: Units of the two encoders, per direction.
        con: Units C of the controller.
        co: Width Z of the inferred input.
        ic: Width of the initial condition.
        gen: Units G of the generator.
        fac: Number F of factors.
    """

    trials: int
    bins: int
    channels: int
    ic_enc: int
    ci_enc: int
    con: int
    co: int
    ic: int
    gen: int
    fac: int

    def doubled(self, size: str) -> Shape:
        """Returns the shape with one of its sizes twice as large."""
        return dataclasses.replace(self, **{size: 2 * getattr(self, size)})

    def sizes(self) -> dict[str, Any]:
        """Returns the model's sizes under the names of the library's parameters."""
        return {
            "f_units": [self.ic_enc],
            "z1_units": self.ci_enc,
            "con_units": self.con,
            "z_latent_size": self.co,
            "f_latent_size": self.ic,
            "gen_units": self.gen,
            "n_factors": self.fac,
        }


SHAPES = {
    "lorenz": Shape(128, 100, 60, 100, 64, 64, 1, 100, 100, 40),
    "chaos": Shape(128, 100, 50, 128, 128, 128, 1, 64, 200, 20),
    "maze": Shape(256, 140, 137, 100, 80, 80, 4, 100, 100, 40),
    "long": Shape(32, 1000, 60, 100, 64, 64, 1, 100, 100, 40),
}

#: GFLOP of the matrix products of one training step, forward and backward: what floors are made of. Fixed numbers, so
#: that results stay comparable; `products.step_gflop` counts them again from the sizes.
GFLOP = {"lorenz": 15.8, "chaos": 40.6, "maze": 65.7, "long": 39.4}
