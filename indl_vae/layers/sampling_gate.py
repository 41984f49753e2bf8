"""A switch that makes a layer draw samples outside training, without a retrace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from indl_vae.layers.sampling_scope import is_sampling


class SamplingGate:
    """Gives a layer the live scalar `sampling`: 1 draws noise at inference, 0 (the default) returns the mean.

    The scalar is a variable, so a compiled `predict` obeys a change at once. It is kept as a `tf.Variable`: Keras then
    counts it neither among the weights (parameter counts stay those of the published models) nor saves it, so a loaded
    model starts with the gate closed; TensorFlow still tracks it for `export`.

    Put the mixin before `keras.layers.Layer` in the bases and multiply the noise by `noise_gate(training)`.

    Attributes:
        sampling: `tf.Variable` of shape (), 0. or 1.
    """

    sampling: tf.Variable

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with tf.init_scope():
            self.sampling = tf.Variable(0.0, trainable=False, name="sampling")

    def noise_gate(self, training: bool | None, dtype: Any = tf.float32) -> tf.Tensor:
        """Returns the scalar that multiplies the noise: 1 while training and in a `sampling_scope`, else `sampling`."""
        return tf.ones((), dtype) if is_sampling(training) else tf.cast(self.sampling, dtype)


@contextmanager
def sampling_on(model: keras.layers.Layer, on: bool = True) -> Iterator[None]:
    """Opens (or closes) every sampling gate within `model` for the length of a `with` block, then restores each."""
    gates = [layer.sampling for layer in model._flatten_layers() if isinstance(layer, SamplingGate)]
    before = [float(gate.numpy()) for gate in gates]
    try:
        for gate in gates:
            gate.assign(float(on))
        yield
    finally:
        for gate, value in zip(gates, before, strict=True):
            gate.assign(value)
