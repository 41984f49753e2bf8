"""Tiny models from flags in the spelling of their own codes, kept for all tests of a run."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf

from indl_vae import make_params
from indl_vae.models import SequentialVAE, build_model
from indl_vae.typing import DataSpec

B, T, N = 4, 7, 6
#: No two widths are alike, so that a shape says which flag it comes from.
BASE: dict[str, Any] = {
    "ic_enc_dim": 4, "ci_enc_dim": 7, "con_dim": 8, "co_dim": 2, "gen_dim": 9, "factors_dim": 5, "ic_dim": 3,
    "jit_compile": False, "seed": 1,
}  # fmt: skip
#: Parameters that go back to their values before the flags were read: the slow check that tests can fail sets it.
FORGOTTEN: set[str] = set()


def parsed(preset: str = "tf1", **flags: Any) -> Any:
    """Returns the parameters that flags come to on top of `BASE`."""
    params = make_params("lfads", {**BASE, **flags}, preset=preset)
    if not FORGOTTEN:
        return params
    before = make_params("lfads", BASE, preset=preset)
    return params.replace(**{name: before[name] for name in FORGOTTEN})


def model(preset: str = "tf1", ext: int = 0, **flags: Any) -> SequentialVAE:
    """Returns the model that flags come to; `ext` is the width of the data's external input."""
    return _model(preset, ext, tuple(sorted(flags.items())), frozenset(FORGOTTEN))


@cache
def _model(preset: str, ext: int, flags: tuple, forgotten: frozenset) -> SequentialVAE:
    return build_model(parsed(preset, **dict(flags)), DataSpec(N, T, ext, 0.01))


def layer(made: SequentialVAE, name: str) -> Any:
    """Returns a layer of the core."""
    return made.core.get_layer(name)


def cell(made: SequentialVAE) -> Any:
    """Returns the cell with controller and generator."""
    return layer(made, "complex_rnn").cell


def layers(made: SequentialVAE) -> set[str]:
    """Returns the names of the core's layers."""
    return {one.name for one in made.core.layers}


def trained(made: SequentialVAE) -> set[str]:
    """Returns the paths of the weights that are trained."""
    return {weight.path for weight in made.trainable_weights}


def counts() -> np.ndarray:
    """Returns spike counts (B, T, N)."""
    return np.random.default_rng(0).poisson(1.0, (B, T, N)).astype("f4")


def scored(made: SequentialVAE) -> tuple[float, dict[str, float]]:
    """Returns loss and unweighted terms of `counts()`, posterior means pushed through."""
    batch = {"x": tf.constant(counts())}
    outputs = made.all_outputs(batch)
    loss, sums = made.objective.loss(batch, outputs, made.objective.totals(batch, False), False)
    return float(loss), {name: float(total / n) for name, (total, n) in sums.items()}
