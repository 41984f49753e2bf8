"""Random numbers of layers: drawn from owned seed generators by an algorithm that is fast everywhere.

`keras.random` leaves the choice of algorithm to TensorFlow, which under XLA on a CPU takes one that is about a hundred
times slower than Philox; Philox also gives the same numbers with and without XLA.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf


def _seed(generator: keras.random.SeedGenerator) -> tf.Tensor:
    return tf.cast(generator.next(), tf.int32)


def uniform(shape: Sequence, generator: keras.random.SeedGenerator) -> tf.Tensor:
    """Returns float32 numbers uniform in [0, 1)."""
    return tf.random.stateless_uniform(shape, _seed(generator), alg="philox")


def normal(shape: Sequence, generator: keras.random.SeedGenerator, dtype: str = "float32") -> tf.Tensor:
    """Returns standard normal numbers."""
    return tf.cast(tf.random.stateless_normal(shape, _seed(generator), alg="philox"), dtype)


def dropout_mask(shape: Sequence, rate: float, generator: keras.random.SeedGenerator, dtype: str = "float32") -> tf.Tensor:
    """Returns a mask of inverted dropout: 0 with probability `rate`, else 1/(1 - rate)."""
    return tf.cast(uniform(shape, generator) >= rate, dtype) / (1.0 - rate)
