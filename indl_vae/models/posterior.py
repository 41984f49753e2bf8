"""Averages of a model's outputs over samples of its posterior."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.models.batch import SEEN_KEYS, as_batch
from indl_vae.models.posterior_pass import PosteriorPass
from indl_vae.numerics import derive_seed

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

#: Bins, of all its trials and samples, that one call works on.
BINS_AT_ONCE = 100_000
#: Bins, of all trials and samples, from which on a pass is compiled: below, compiling takes longer than it saves.
WORTH_COMPILING = 300_000


def average_posterior(
    model: SequentialVAE,
    data: Any,
    samples: int = 50,
    seed: int = 0,
    push_mean: bool = False,
    batch_size: int | None = None,
) -> dict[str, np.ndarray]:
    """Returns the outputs of every trial, averaged over posterior samples; see `SequentialVAE.posterior`.

    Each call holds `trials x samples` rows, at most `batch_size`, so memory does not grow with the data or the number
    of samples. All calls but the last of few trials have one shape: one compilation.
    """
    if samples < 1:
        raise ConfigError(f"samples: expected an integer >= 1, got {samples!r}.")
    batch = as_batch(data.batch() if hasattr(data, "batch") else data, model.spec)
    batch = {k: np.asarray(v) for k, v in batch.items() if k in SEEN_KEYS}
    samples = 1 if push_mean else samples
    n_trials, n_bins = batch["x"].shape[:2]
    rows = batch_size or max(1, BINS_AT_ONCE // max(n_bins, 1))
    chunk = max(1, min(n_trials, rows // samples))
    repeats = max(1, min(samples, rows // chunk))
    compiled = bool(model.jit_compile) and n_trials * samples * n_bins >= WORTH_COMPILING
    run = _pass_of(model, push_mean, compiled)
    with own_randomness(model, seed):
        parts = [
            _average_chunk(run, {k: v[i : i + chunk] for k, v in batch.items()}, samples, repeats)
            for i in range(0, n_trials, chunk)
        ]
    return {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}


def _pass_of(model: SequentialVAE, push_mean: bool, compiled: bool) -> PosteriorPass:
    """Returns the pass, made once for a model: tracing takes longer than many a call."""
    made = model.__dict__.setdefault("_posterior_passes", {})
    key = (push_mean, compiled)
    if key not in made:
        made[key] = PosteriorPass(model, *key)
    return made[key]


def _average_chunk(run, batch: dict[str, np.ndarray], samples: int, repeats: int) -> dict[str, np.ndarray]:
    """Adds up `repeats` samples at a time of each trial; the last round may hold fewer."""
    totals: dict[str, np.ndarray] = {}
    for done in range(0, samples, repeats):
        sums = run({k: tf.constant(v) for k, v in batch.items()}, min(repeats, samples - done))
        for name, value in sums.items():
            totals[name] = totals.get(name, 0.0) + value.numpy().astype(np.float64)
    return {name: (total / samples).astype(np.float32) for name, total in totals.items()}


@contextlib.contextmanager
def own_randomness(model: keras.Model, seed: int) -> Iterator[None]:
    """Sets every seed generator of the model from `seed`, and puts their states back afterwards.

    Sampling from a posterior therefore does not change how training goes on.
    """
    generators = model.seed_generators
    before = [generator.state.numpy() for generator in generators]
    try:
        for i, generator in enumerate(generators):
            generator.state.assign(np.array([derive_seed(seed, i), 0], dtype=before[i].dtype))
        yield
    finally:
        for generator, state in zip(generators, before, strict=True):
            generator.state.assign(state)
