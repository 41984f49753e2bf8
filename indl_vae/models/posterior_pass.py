"""Several posterior samples of each trial in one pass, the encoders run once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from indl_vae.cores import usable_cores
from indl_vae.layers import random
from indl_vae.layers.batch_window import batch_window
from indl_vae.layers.sampling_scope import sampling_scope
from indl_vae.models.batch import repeat_trials
from indl_vae.models.lanes import Lanes
from indl_vae.models.step_function import warn_of_failed_compilation

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

#: Not averaged: the mean of raw likelihood parameters is not the parameter of the mean.
LEFT_OUT = ("raw",)
#: Inputs that do not go through the encoders alone.
_BESIDE = ("session",)
#: Fewest trials in a lane; each stands for several samples.
_LEAST_TRIALS = 2

Batch = Mapping[str, Any]
Sums = dict[str, tf.Tensor]


class PosteriorPass:
    """Sums a model's outputs over posterior samples of each trial.

    Args:
        model: The model.
        push_mean: Push posterior means through; nothing is drawn.
        compiled: Whether XLA compiles the pass, in lanes on a CPU.
    """

    def __init__(self, model: SequentialVAE, push_mean: bool, compiled: bool) -> None:
        self._scope: Callable[[], Any] = contextlib.nullcontext if push_mean else sampling_scope
        self._model, self._encode, self._decode = model, *_halves(model)
        on_cpu = not tf.config.list_logical_devices("GPU")
        lanes = (model.params.cpu_lanes or usable_cores()) if compiled and on_cpu else 1
        self._lanes = Lanes(self._part, lanes, join=lambda parts: tf.concat(parts, 0), least=_LEAST_TRIALS)
        whole = compiled and lanes == 1
        self._run = tf.function(self._lanes.__call__, jit_compile=whole, reduce_retracing=True, autograph=False)
        self._instead = (lambda: PosteriorPass(model, push_mean, compiled=False)) if compiled else None

    def __call__(self, batch: Batch, samples: int) -> Sums:
        """Returns sums over the samples, by name of the output, `(B, ...)`.

        Where XLA cannot compile the pass, it goes on without, and a warning says so.
        """
        try:
            sums = self._run(dict(batch), samples)
        except tf.errors.OpError as error:
            if self._instead is None:
                raise
            self._run, self._instead = self._instead()._run, None
            sums = self._run(dict(batch), samples)
            warn_of_failed_compilation(error)
        random.advance(self._model.seed_generators)
        return sums

    def _part(self, batch: Batch, first: tf.Tensor, samples: int) -> Sums:
        beside = {k: v for k, v in batch.items() if k in _BESIDE}
        given = repeat_trials({**self._encode(batch), **beside}, samples)
        with batch_window(first * samples), self._scope():
            outputs = self._decode(given)
        return {name: _summed(value, samples) for name, value in outputs.items() if name not in LEFT_OUT}


def _halves(model: SequentialVAE) -> tuple[Callable[[Batch], Sums], Callable[[Batch], Sums]]:
    """Returns what makes the encodings of trials, and what makes outputs of (repeated) encodings."""
    if model.encodings is None:
        return dict, lambda given: model(given, training=False)
    return _encoder(model), _decoder(model)


def _encoder(model: SequentialVAE) -> Callable[[Batch], Sums]:
    names = [f"code_{i}" for i in range(len(model.encodings))]
    half = keras.Model(model.core.input, dict(zip(names, model.encodings, strict=True)), name="encoders")
    return lambda batch: half({name: batch.get(name) for name in half.input}, training=False)


def _decoder(model: SequentialVAE) -> Callable[[Batch], Sums]:
    """The core from its encodings on, by lists: Keras clones these tensors, under other names."""
    core = model.core
    named = {name: tensor for name, tensor in core.output.items() if not name.startswith("_")}
    distinct = list({id(tensor): tensor for tensor in named.values()}.values())
    places = {name: next(i for i, one in enumerate(distinct) if one is tensor) for name, tensor in named.items()}
    beside = [name for name in _BESIDE if name in core.input]
    half = keras.Model([*model.encodings, *(core.input[name] for name in beside)], distinct, name="decoder")

    def decode(given: Batch) -> Sums:
        codes = [given[f"code_{i}"] for i in range(len(model.encodings))]
        values = half([*codes, *(given[name] for name in beside)], training=False)
        outputs = {name: values[place] for name, place in places.items()}
        return {"rates": model.likelihood.mean(outputs["raw"]), **outputs}

    return decode


def _summed(value: tf.Tensor, samples: int) -> tf.Tensor:
    """Returns `(B, ...)`, the sum over the samples of `(B * samples, ...)`."""
    by_trial = tf.concat([(-1, samples), tf.shape(value)[1:]], 0)  # trials of two lengths leave the length open
    return tf.reduce_sum(tf.reshape(value, by_trial), 1)
