"""Random numbers of layers: drawn from owned seed generators by an algorithm that is fast everywhere.

`keras.random` leaves the choice of algorithm to TensorFlow, which under XLA on a CPU takes one that is about a hundred
times slower than Philox. Philox's bits are the same with and without XLA, but TensorFlow and XLA make different floats
of them; so only bits are drawn here, and the floats are made of them by our own formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

Source = keras.random.SeedGenerator | int

_STEP = 2.0**-23  # the finest grid whose midpoints float32 still holds exactly
_SHIFT = 32 - 23


def _grid(shape: Sequence, source: Source) -> tf.Tensor:
    """Returns float32 whole numbers uniform in 0 ... 2^23 - 1.

    A generator moves on to its next draw; an integer is the seed of this one draw.
    """
    seed = source.next() if isinstance(source, keras.random.SeedGenerator) else tf.constant([source, 0], tf.int64)
    bits = tf.random.stateless_uniform(shape, tf.cast(seed, tf.int64), None, None, tf.uint32, alg="philox")
    return tf.cast(tf.bitwise.right_shift(bits, tf.constant(_SHIFT, tf.uint32)), tf.float32)


def uniform(shape: Sequence, source: Source) -> tf.Tensor:
    """Returns float32 numbers uniform in [0, 1)."""
    return _grid(shape, source) * _STEP


def normal(shape: Sequence, source: Source, dtype: str = "float32") -> tf.Tensor:
    """Returns standard normal numbers, by the inverse of their distribution function at midpoints of the grid."""
    centred = (2.0 * _grid(shape, source) + 1.0) * _STEP - 1.0  # in (-1, 1), never at an end
    return tf.cast(math.sqrt(2.0) * tf.math.erfinv(centred), dtype)


def dropout_mask(shape: Sequence, rate: float, source: Source, dtype: str = "float32") -> tf.Tensor:
    """Returns a mask of inverted dropout: 0 with probability `rate`, else 1/(1 - rate)."""
    return tf.cast(uniform(shape, source) >= rate, dtype) / (1.0 - rate)
