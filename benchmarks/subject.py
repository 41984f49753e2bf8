"""What is measured: a model of a shape, and a batch for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.shapes import Shape

if TYPE_CHECKING:
    from indl_vae.models import SequentialVAE

#: Spikes a bin of the made-up data.
MEAN_COUNT = 0.2


def make_batch(shape: Shape) -> np.ndarray:
    """Returns Poisson counts `(B, T, N)` float32, the same in every run."""
    size = (shape.trials, shape.bins, shape.channels)
    return np.random.default_rng(0).poisson(MEAN_COUNT, size).astype(np.float32)


def make_model(shape: Shape, route: str = "fused", xla: bool = True) -> SequentialVAE:
    """Returns LFADS of a shape, with its defaults but for sizes, route of the recurrences, and compilation by XLA."""
    from indl_vae import build_model, make_params
    from indl_vae.typing import DataSpec

    params = make_params("lfads", {**shape.sizes(), "rnn_route": route, "jit_compile": xla})
    return build_model(params, DataSpec(shape.channels, shape.bins))


def forget_models() -> None:
    """Frees what Keras keeps of the models made so far."""
    import gc

    import keras

    keras.backend.clear_session()
    gc.collect()
