"""Averages of a model's outputs over samples of its posterior."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.models.posterior_pass import PosteriorPass
from indl_vae.models.posterior_rounds import PosteriorRounds
from indl_vae.numerics import derive_seed

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

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
    """Returns the outputs of every trial, averaged over posterior samples; see `SequentialVAE.posterior`."""
    rounds = PosteriorRounds.of(model, data, samples, push_mean, batch_size)
    run = _pass_of(model, push_mean, bool(model.jit_compile) and rounds.n_bins >= WORTH_COMPILING)
    with own_randomness(model, seed):
        parts = [_average_chunk(run, batch, rounds) for batch in rounds.chunks()]
    return {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}


def _pass_of(model: SequentialVAE, push_mean: bool, compiled: bool) -> PosteriorPass:
    """Returns the pass, made once for a model: tracing takes longer than many a call."""
    made = model.__dict__.setdefault("_posterior_passes", {})
    key = (push_mean, compiled)
    if key not in made:
        made[key] = PosteriorPass(model, *key)
    return made[key]


def _average_chunk(run: PosteriorPass, batch: dict[str, np.ndarray], rounds: PosteriorRounds) -> dict[str, np.ndarray]:
    totals: dict[str, np.ndarray] = {}
    for count in rounds.counts():
        sums = run({k: tf.constant(v) for k, v in batch.items()}, count)
        for name, value in sums.items():
            totals[name] = totals.get(name, 0.0) + value.numpy().astype(np.float64)
    return {name: (total / rounds.samples).astype(np.float32) for name, total in totals.items()}


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
