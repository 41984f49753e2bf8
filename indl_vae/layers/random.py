"""Random numbers of layers: drawn from owned seed generators by an algorithm that is fast everywhere.

`keras.random` leaves the choice of algorithm to TensorFlow. Under XLA on a CPU, what it takes costs a hundred times
what it should, and Philox still twenty times (measured; docs/performance.md); and TensorFlow and XLA make different
floats of the same bits. So words come from a counter-based hash that any compiler fuses into what uses it, and floats
are made of them by our own formulas: a seed gives the same numbers with and without XLA.

A word is a function of the seed, of the draw, of the row of the batch and of the place in the row. A row's numbers are
therefore the same whether it is drawn alone, in a part of the batch (`batch_window`) or with all others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import keras
import tensorflow as tf

from indl_vae.layers.batch_window import current_window

Source = keras.random.SeedGenerator | int | tf.Tensor

_STEP = 2.0**-23  # the finest grid whose midpoints float32 still holds exactly
_SHIFT = 32 - 23
_HALF = 2**16
_WEYL = 0x9E3779B9  # 2^32 over the golden ratio: spreads neighbouring places over all words


def uniform(shape: Sequence, source: Source) -> tf.Tensor:
    """Returns float32 numbers uniform in [0, 1); the first axis is the batch."""
    return _grid(shape, source) * _STEP


def normal(shape: Sequence, source: Source, dtype: str = "float32") -> tf.Tensor:
    """Returns standard normal numbers, by the inverse of their distribution function at midpoints of the grid."""
    centred = (2.0 * _grid(shape, source) + 1.0) * _STEP - 1.0  # in (-1, 1), never at an end
    return tf.cast(math.sqrt(2.0) * tf.math.erfinv(centred), dtype)


def bernoulli(shape: Sequence, probability: float | tf.Tensor, source: Source) -> tf.Tensor:
    """Returns booleans that are True with a probability, which is rounded to a multiple of 2^-16.

    Two are made of each random word: masks are most of what a training step draws. A tensor as the probability may
    change from one step to the next without the step being compiled anew.
    """
    rows, rest = shape[0], shape[1:]
    width = _product(rest)
    words = _bits(rows, (width + 1) // 2, source)
    halves = tf.concat([words & _uint32(_HALF - 1), tf.bitwise.right_shift(words, _uint32(16))], -1)
    drawn = halves[:, :width] < tf.cast(tf.round(tf.cast(probability, tf.float32) * _HALF), tf.uint32)
    return tf.reshape(drawn, [rows, *rest])


def dropout_mask(shape: Sequence, rate: float | tf.Tensor, source: Source, dtype: str = "float32") -> tf.Tensor:
    """Returns a mask of inverted dropout: 0 with probability `rate`, else 1/(1 - rate)."""
    return tf.cast(bernoulli(shape, 1.0 - rate, source), dtype) * tf.cast(1.0 / (1.0 - rate), dtype)


def draw_key(source: Source) -> tf.Tensor:
    """Returns a word that stands for one draw, to be `fold`ed and given to `uniform`: many draws within a loop."""
    return _keys(source, current_window())


def fold(key: tf.Tensor, number) -> tf.Tensor:
    """Returns the word of the draw that a loop makes in its turn `number`, a whole number."""
    return _mix(key ^ _mix(tf.cast(number, tf.uint32) + _uint32(_WEYL)))


def advance(generators: Iterable[keras.random.SeedGenerator]) -> None:
    """Moves generators on to the next batch, after windows on the present one."""
    for generator in generators:
        generator.state.assign_add([0, 1])


def _grid(shape: Sequence, source: Source) -> tf.Tensor:
    """Returns float32 whole numbers uniform in 0 ... 2^23 - 1."""
    rows, rest = shape[0], shape[1:]
    words = tf.bitwise.right_shift(_bits(rows, _product(rest), source), tf.constant(_SHIFT, tf.uint32))
    return tf.reshape(tf.cast(words, tf.float32), [rows, *rest])


def _bits(rows, width, source: Source) -> tf.Tensor:
    """Returns random words `(rows, width)`, uint32.

    Two keys are made for each row; a word mixes its place with the one, and the result with the other.
    """
    window = current_window()
    row = tf.range(rows, dtype=tf.int32) + (window.first_row if window else 0)
    key = _keys(source, window)
    first = _mix(_mix(tf.cast(row, tf.uint32) * _uint32(_WEYL) + key) ^ key)[:, None]
    second = _mix(first + key)
    place = tf.cast(tf.range(width, dtype=tf.int32), tf.uint32) * _uint32(_WEYL)
    return _mix(_mix(place[None] + first) + second)


def _keys(source: Source, window) -> tf.Tensor:
    """Returns a word that stands for the seed and the draw.

    An integer is the seed of this one draw; a tensor is the word itself.
    """
    if tf.is_tensor(source):
        return source
    if not isinstance(source, keras.random.SeedGenerator):
        parts = [_uint32(source), _uint32(source >> 32), _uint32(0), _uint32(0)]
    else:
        state = source.next() if window is None else tf.convert_to_tensor(source.state)
        parts = [*tf.unstack(tf.cast(state, tf.uint32)), _uint32(window.next_draw(source) if window else 0)]
    key = _uint32(len(parts))
    for part in parts:
        key = _mix(key ^ _mix(part + _uint32(_WEYL)))
    return key


def _mix(word: tf.Tensor) -> tf.Tensor:
    """Returns a word each bit of which depends on every bit of the argument (a permutation of the 2^32 words).

    Two rounds of xor-shift and multiply; the constants are those of the least biased such function that
    github.com/skeeto/hash-prospector found.
    """
    word = (word ^ tf.bitwise.right_shift(word, _uint32(16))) * _uint32(0x21F0AAAD)
    word = (word ^ tf.bitwise.right_shift(word, _uint32(15))) * _uint32(0xD35A2D97)
    return word ^ tf.bitwise.right_shift(word, _uint32(15))


def _uint32(value: int) -> tf.Tensor:
    return tf.constant(value & 0xFFFFFFFF, tf.uint32)


def _product(sizes: Sequence):
    """Returns the product of sizes, a Python integer where they all are."""
    total = 1
    for size in sizes:
        total = total * size
    return total
