"""Standard deviations, log-variances and static vectors: small layers against NumPy."""

from __future__ import annotations

import numpy as np

from indl_vae.layers import Beside, EmptyCodes, LogVariance, StandardDeviation, TileOverTime


def test_each_undoes_the_other(rng):
    logvar = rng.normal(size=(4, 3)).astype("f4")
    np.testing.assert_allclose(StandardDeviation()(logvar), np.exp(logvar / 2), rtol=1e-6)
    np.testing.assert_allclose(LogVariance()(StandardDeviation()(logvar)), logvar, rtol=1e-5, atol=1e-6)


def test_of_a_triangle_the_marginal_variances(rng):
    triangle = np.tril(rng.normal(size=(4, 3, 3))).astype("f4")
    covariance = triangle @ triangle.transpose(0, 2, 1)
    expected = np.log(np.diagonal(covariance, axis1=1, axis2=2))
    np.testing.assert_allclose(LogVariance()(triangle), expected, rtol=1e-4, atol=1e-5)


def test_a_static_vector_stands_at_every_bin(rng):
    static, sequence = rng.normal(size=(4, 3)).astype("f4"), np.zeros((4, 6, 0), "f4")
    np.testing.assert_array_equal(TileOverTime()(static, sequence), np.repeat(static[:, None], 6, axis=1))


def test_a_longer_sequence_is_cut_to_the_one_it_stands_beside(rng):
    short, long = rng.normal(size=(4, 6, 3)).astype("f4"), rng.normal(size=(4, 9, 2)).astype("f4")
    np.testing.assert_array_equal(Beside()(short, long), np.concatenate([short, long[:, :6]], axis=-1))


def test_empty_codes_tell_the_number_of_bins():
    assert EmptyCodes(2)(np.zeros((4, 6, 3), "f4")).shape == (4, 8, 0)
