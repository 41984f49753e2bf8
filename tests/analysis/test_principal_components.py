from __future__ import annotations

import numpy as np

from indl_vae.analysis.principal_components import principal_components


def test_finds_the_axes_of_a_known_cloud():
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    spread = rng.normal(size=(20, 30, 4)) * np.array([5.0, 3.0, 1.0, 0.1])
    scores, share = principal_components(spread @ turn + 7.0, 3)
    expected = np.array([25.0, 9.0, 1.0]) / 35.01
    np.testing.assert_allclose(share, expected, atol=0.03)
    flat = scores.reshape(-1, 3)
    np.testing.assert_allclose(np.cov(flat.T), np.diag(flat.var(axis=0, ddof=1)), atol=1e-9)
    np.testing.assert_allclose(flat.mean(axis=0), 0.0, atol=1e-9)


def test_bins_with_nan_stay_nan_and_change_nothing():
    data = np.random.default_rng(0).normal(size=(4, 6, 3))
    gaps = np.concatenate([data, np.full((1, 6, 3), np.nan)])
    np.testing.assert_allclose(principal_components(gaps, 2)[0][:4], principal_components(data, 2)[0])
    assert np.isnan(principal_components(gaps, 2)[0][4]).all()


def test_nothing_varies():
    scores, share = principal_components(np.ones((2, 3, 2)), 3)
    assert scores.shape == (2, 3, 2) and not scores.any() and not share.any()
