"""Averages of a model's outputs over samples of its posterior."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers.sampling_scope import sampling_scope
from indl_vae.models.batch import as_batch
from indl_vae.numerics import derive_seed

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

#: Rows (trials times samples) that one call works on.
DEFAULT_ROWS = 512
#: Not averaged: the mean of raw likelihood parameters is not the parameter of the mean.
LEFT_OUT = ("raw",)


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
    batch = {k: np.asarray(v) for k, v in batch.items() if k in {"x", "mask", "ext_input"}}
    rows = batch_size or DEFAULT_ROWS
    samples = 1 if push_mean else samples
    n_trials = batch["x"].shape[0]
    chunk = max(1, min(n_trials, rows // samples))
    repeats = max(1, min(samples, rows // chunk))
    run = _compiled(model, push_mean)
    with own_randomness(model, seed):
        parts = [
            _average_chunk(run, {k: v[i : i + chunk] for k, v in batch.items()}, samples, repeats)
            for i in range(0, n_trials, chunk)
        ]
    return {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}


def _compiled(model: SequentialVAE, push_mean: bool):
    """Returns the compiled call, made once for a model: tracing takes longer than many a call."""
    made = model.__dict__.setdefault("_posterior_calls", {})
    if push_mean not in made:
        made[push_mean] = _compile(model, push_mean)
    return made[push_mean]


def _compile(model: SequentialVAE, push_mean: bool):
    scope = contextlib.nullcontext if push_mean else sampling_scope

    @tf.function(reduce_retracing=True)
    def run(batch: Mapping[str, Any]):
        with scope():
            return {k: v for k, v in model(batch, training=False).items() if k not in LEFT_OUT}

    return run


def _average_chunk(run, batch: dict[str, np.ndarray], samples: int, repeats: int) -> dict[str, np.ndarray]:
    """Sums `repeats` samples at a time of each trial; the last round may hold fewer."""
    totals: dict[str, np.ndarray] = {}
    n_trials = batch["x"].shape[0]
    for done in range(0, samples, repeats):
        count = min(repeats, samples - done)
        outputs = run({k: tf.constant(np.repeat(v, count, axis=0)) for k, v in batch.items()})
        for name, value in outputs.items():
            value = value.numpy().reshape(n_trials, count, *value.shape[1:]).sum(1, dtype=np.float64)
            totals[name] = totals.get(name, 0.0) + value
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
