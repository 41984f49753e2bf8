"""The whole training step of a model of regions, over the length of trials."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

import indl_vae
from benchmarks.timing import seconds_of
from indl_vae.typing import DataSpec

#: Sizes: trials of a batch, regions and channels of each.
_TRIALS, _REGIONS, _CHANNELS = 32, 3, 30


def training_step(bins: int, inference: str) -> Callable[[], object]:
    """Returns a training step under XLA that was taken once: encoder, inference, terms, gradients and optimizer."""
    sizes = (_CHANNELS,) * _REGIONS
    states = 1 if inference == "svae" else 2
    params = indl_vae.make_params("mrsds", region_sizes=sizes, inference=inference, n_states=states, seed=0)
    spec = DataSpec(n_channels=sum(sizes), n_bins=bins, region_sizes=sizes)
    model = indl_vae.build_model(params, spec)
    batch = {"x": np.random.default_rng(0).normal(size=(_TRIALS, bins, sum(sizes))).astype(np.float32)}
    step = functools.partial(model.train_on_batch, batch)
    seconds_of(step)
    return step
