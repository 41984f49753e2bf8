"""The same normal at each bin is the static prior, bin by bin."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.distributions.priors import MultivariateNormalPrior, TiledNormalPrior
from indl_vae.typing import Latent
from tests.distributions.helpers import covariance, gaussian_kl, make_latent


@pytest.mark.parametrize("off_diag", [False, True])
def test_kl_is_the_sum_over_counted_bins(rng, off_diag):
    prior = TiledNormalPrior(3, init_std=0.4, init_loc=0.1, off_diag=off_diag)
    static = MultivariateNormalPrior(3, init_std=0.4, init_loc=0.1, off_diag=off_diag)
    latent = make_latent(rng, (2, 5, 3), triangular=True)
    per_bin = np.stack([static.kl(Latent(*(part[:, t] for part in latent))) for t in range(5)], axis=1)
    mask = np.array([[1, 1, 0, 1, 0], [1, 1, 1, 1, 1]], "f4")
    np.testing.assert_allclose(prior.kl(latent), per_bin.sum(1), rtol=1e-5)
    np.testing.assert_allclose(prior.kl(latent, mask), (per_bin * mask).sum(1), rtol=1e-5)
    oracle = gaussian_kl(latent.loc.numpy(), covariance(latent), np.full(3, 0.1), np.eye(3) * 0.16).sum(1)
    np.testing.assert_allclose(prior.kl(latent), oracle, rtol=1e-4)


def test_same_weights_whatever_the_number_of_bins(rng):
    prior = TiledNormalPrior(3)
    assert prior.count_params() == 6
    assert prior.kl(make_latent(rng, (2, 5, 3))).shape == prior.kl(make_latent(rng, (2, 9, 3))).shape == (2,)


def test_the_mean_over_counted_bins(rng):
    latent, mask = make_latent(rng, (3, 5, 3)), np.array([[1, 1, 0, 1, 0], [1] * 5, [0] * 5], "f4")
    summed, averaged = (TiledNormalPrior(3, init_std=0.4, mean_over_bins=mean) for mean in (False, True))
    np.testing.assert_allclose(averaged.kl(latent), summed.kl(latent) / 5, rtol=1e-5)
    np.testing.assert_allclose(
        averaged.kl(latent, mask)[:2], (summed.kl(latent, mask) / mask.sum(1).clip(1))[:2], rtol=1e-5
    )
    assert averaged.kl(latent, mask)[2] == 0.0
    assert TiledNormalPrior.from_config(averaged.get_config()).mean_over_bins
