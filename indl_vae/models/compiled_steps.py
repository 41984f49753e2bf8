"""How a model's steps are compiled: as a whole by Keras, in lanes by themselves, or not at all."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf

from indl_vae.cores import usable_cores
from indl_vae.models.batch import as_batch
from indl_vae.models.batch_step import BatchStep
from indl_vae.models.skipped_steps import SkippedSteps
from indl_vae.models.step_function import StepFunction


class CompiledSteps:
    """Mixin of `keras.Model`: training and scoring steps through `BatchStep`.

    With `jit_compile` they are compiled by XLA: on a CPU in lanes, on other devices as a whole. Where XLA fails, and
    under a `tf.distribute` strategy of several devices, steps run without it, and a warning says so. Steps whose loss
    or gradient is not finite are skipped and counted (`skipped_steps`).
    """

    _step: BatchStep | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.skipped_steps = SkippedSteps()

    def fit(self, *args: Any, callbacks: Any = None, **kwargs: Any) -> keras.callbacks.History:
        """`keras.Model.fit`; counts the skipped steps of each epoch anew."""
        counts = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: self.skipped_steps.begin_epoch())
        if isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks.append(counts)
        else:
            callbacks = [counts, *(callbacks or [])]
        return super().fit(*args, callbacks=callbacks, **kwargs)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Takes one optimizer step on a batch; returns the metrics so far."""
        return self._batch_step().train(self._unpack(data))

    def test_step(self, data: Any) -> dict[str, Any]:
        """Scores a batch, the entries hidden from the encoders in a second pass; returns the metrics so far."""
        return self._batch_step().test(self._unpack(data))

    def make_train_function(self, force: bool = False) -> None:
        """Makes the training function that `fit` calls."""
        if self.train_function is None or force:
            self.train_function = self._made(super().make_train_function, "train_function")

    def make_test_function(self, force: bool = False) -> None:
        """Makes the scoring function that `evaluate` and validation call."""
        if self.test_function is None or force:
            self.test_function = self._made(super().make_test_function, "test_function")

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """The model is built already; Keras would add up what devices get of a batch, which may differ in size."""
        optimizer = getattr(self, "optimizer", None)
        if optimizer is not None and not optimizer.built:
            with self.distribute_strategy.scope():
                optimizer.build(self.trainable_variables)

    def _made(self, make: Callable[..., None], name: str) -> Callable[..., Any]:
        if self.train_function is None and self.test_function is None:
            self._step = None  # compiled anew
        self._leave_xla_under_a_strategy()
        with self._compiled_inside():
            make(force=True)
        made = getattr(self, name)
        if not self.jit_compile or self.run_eagerly:
            return made
        return StepFunction(made, lambda: self._without_xla(name), self.steps_per_execution)

    def _without_xla(self, name: str) -> Callable[..., Any]:
        self.jit_compile, self.train_function, self.test_function = False, None, None
        self.make_train_function()
        self.make_test_function()
        return getattr(self, name)

    def _leave_xla_under_a_strategy(self) -> None:
        if self.jit_compile and self.distribute_strategy.num_replicas_in_sync > 1:
            warnings.warn("XLA is off: Keras cannot compile a step for several devices of a strategy.", stacklevel=4)
            self.jit_compile = False

    @contextlib.contextmanager
    def _compiled_inside(self) -> Iterator[None]:
        """Keeps Keras from compiling a step whose lanes are programs of their own."""
        compiled = self.jit_compile
        if self._n_lanes() > 1:
            self.jit_compile = False
        try:
            yield
        finally:
            self.jit_compile = compiled

    def _batch_step(self) -> BatchStep:
        if self._step is None:
            self._step = BatchStep(self, self._n_lanes(), compiled=bool(self.jit_compile) and not self.run_eagerly)
        return self._step

    def _n_lanes(self) -> int:
        """Returns the number of lanes: 1 where there are no cores to share, or nothing is compiled."""
        if self.run_eagerly or not self.jit_compile or tf.config.list_logical_devices("GPU"):
            return 1
        return self.params.cpu_lanes or usable_cores()

    def _unpack(self, data: Any) -> dict[str, Any]:
        return as_batch(keras.utils.unpack_x_y_sample_weight(data)[0], self.spec)
