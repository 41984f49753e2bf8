"""The law of finitely many levels against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.distributions.likelihoods.levels_distribution import Levels

P = np.array([[[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]]], "f4")


def test_shapes():
    law = Levels(np.log(P))
    assert law.batch_shape == (1, 2) and law.event_shape == () and law.batch_shape_tensor().numpy().tolist() == [1, 2]
    np.testing.assert_allclose(law.probs, P, rtol=1e-6)


@pytest.mark.parametrize("level", range(4))
def test_log_prob_of_each_level(level):
    np.testing.assert_allclose(Levels(np.log(P)).log_prob(float(level)), np.log(P[..., level]), rtol=1e-6)


@pytest.mark.parametrize("value", [-1.0, 0.5, 4.0, np.nan])
def test_what_is_no_level_is_impossible(value):
    assert (Levels(np.log(P)).log_prob(np.float32(value)).numpy() == -np.inf).all()


def test_mean_and_variance():
    law, levels = Levels(np.log(P)), np.arange(4)
    mean = (P * levels).sum(-1)
    np.testing.assert_allclose(law.mean(), mean, rtol=1e-6)
    np.testing.assert_allclose(law.variance(), (P * levels**2).sum(-1) - mean**2, rtol=1e-5)


def test_shares_of_samples():
    draws = Levels(np.log(P)).sample(20_000, seed=(1, 2)).numpy()
    assert draws.shape == (20_000, 1, 2) and draws.dtype == np.float32
    shares = np.stack([(draws == level).mean(0) for level in range(4)], axis=-1)
    np.testing.assert_allclose(shares, P, atol=4 * 0.5 / np.sqrt(20_000))
