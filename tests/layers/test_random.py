"""Random numbers of layers: laws, seeds, and the same stream with and without XLA."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from indl_vae.layers import random

DRAWS = {
    "uniform": lambda source: random.uniform((3, 50), source),
    "normal": lambda source: random.normal((3, 50), source),
    "dropout mask": lambda source: random.dropout_mask((3, 50), 0.4, source),
}


@pytest.mark.parametrize("name", DRAWS)
def test_xla_draws_the_same_numbers(name):
    plain, compiled = keras.random.SeedGenerator(5), keras.random.SeedGenerator(5)
    jitted = tf.function(lambda: DRAWS[name](compiled), jit_compile=True)
    for _ in range(2):
        np.testing.assert_allclose(jitted(), DRAWS[name](plain), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", DRAWS)
def test_a_generator_moves_on_and_an_integer_does_not(name):
    draw = DRAWS[name]
    generator = keras.random.SeedGenerator(5)
    first = draw(generator).numpy()
    assert not np.array_equal(first, draw(generator))
    np.testing.assert_array_equal(first, draw(keras.random.SeedGenerator(5)))
    assert not np.array_equal(first, draw(keras.random.SeedGenerator(6)))
    np.testing.assert_array_equal(draw(7), draw(7))
    assert not np.array_equal(draw(7), draw(8))
    assert np.isfinite(draw(2**40)).all(), "any integer is a seed"


def test_laws():
    flat = random.uniform((20_000,), 1).numpy()
    assert stats.kstest(flat, "uniform").pvalue > 1e-3
    assert stats.kstest(random.normal((20_000,), 1).numpy(), "norm").pvalue > 1e-3
    mask = random.dropout_mask((20_000,), 0.3, 1).numpy()
    np.testing.assert_allclose(np.unique(mask), [0.0, 1 / 0.7], rtol=1e-6)
    assert mask.mean() == pytest.approx(1.0, abs=0.03)


def test_dtype_is_as_asked():
    assert random.normal((2,), 1, "bfloat16").dtype == tf.bfloat16
    assert random.dropout_mask((2,), 0.5, 1, "float16").dtype == tf.float16


def test_normal_numbers_are_finite_at_both_ends_of_the_grid(monkeypatch):
    monkeypatch.setattr(random, "_grid", lambda shape, source: tf.constant([0.0, 2.0**23 - 1.0]))
    low, high = random.normal((2,), 0).numpy()
    assert low == pytest.approx(stats.norm.ppf(2.0**-24), rel=1e-4)
    assert high == -low
    assert random.uniform((2,), 0).numpy().max() < 1.0
