"""Bounds of the log-evidence: against plain sums, against one another, and against an evidence that is known."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import multivariate_normal

from indl_vae.distributions.likelihoods import GaussianLikelihood
from indl_vae.distributions.priors import MultivariateNormalPrior
from indl_vae.errors import ConfigError
from indl_vae.layers import random, sampling_scope
from indl_vae.layers.sampling_scope import is_sampling
from indl_vae.models.bounds import bounds, score_samples
from indl_vae.models.posterior import own_randomness
from indl_vae.typing import DataSpec, Latent
from tests.models.helpers import B, counts, tiny

DIM, CHANNELS = 2, 3


class LinearGaussian:
    """x ~ N(W f, 1) in one bin, f ~ N(0, 1): a model whose evidence and posterior are normal distributions."""

    def __init__(self, shift: float = 0.0, widen: float = 1.0):
        rng = np.random.default_rng(0)
        self.matrix = rng.normal(size=(CHANNELS, DIM))
        self.covariance = np.linalg.inv(np.eye(DIM) + self.matrix.T @ self.matrix)
        self.shift, self.widen = shift, widen
        self.spec, self.params = DataSpec(CHANNELS, 1), SimpleNamespace(family="toy")
        self.likelihood = GaussianLikelihood(CHANNELS, scale="fixed")
        self.prior = MultivariateNormalPrior(DIM)
        self.terms = {"kl_f": SimpleNamespace(kind="kl")}
        self.seed_generators = [keras.random.SeedGenerator(0)]

    def evidence(self, x):
        return multivariate_normal(np.zeros(CHANNELS), self.matrix @ self.matrix.T + np.eye(CHANNELS)).logpdf(x[:, 0])

    def all_outputs(self, batch, training=False):
        x = batch["x"][:, 0]
        loc = tf.cast(x @ tf.constant(self.matrix @ self.covariance, tf.float32), tf.float32) + self.shift
        triangle = tf.constant(np.linalg.cholesky(self.covariance) * self.widen, tf.float32)
        scale = tf.broadcast_to(triangle, [tf.shape(x)[0], DIM, DIM])
        noise = random.normal(keras.ops.shape(loc), self.seed_generators[0]) if is_sampling(training) else 0.0 * loc
        f = Latent(loc + tf.linalg.matvec(scale, noise), loc, scale)
        raw = (f.sample @ tf.constant(self.matrix.T, tf.float32))[:, None]
        kl = 0.5 * (tf.linalg.trace(scale @ tf.transpose(scale, [0, 2, 1])) + tf.reduce_sum(loc**2, -1) - DIM)
        kl -= tf.reduce_sum(tf.math.log(tf.linalg.diag_part(scale)), -1)
        return {"raw": raw, "_kl_f": kl, "_log_ratio_f": self.prior.log_ratio(f)}


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(1).normal(size=(6, 1, CHANNELS)).astype("f4") * 2


def test_the_true_posterior_gives_the_evidence_from_every_sample(x):
    toy = LinearGaussian()
    found = bounds(toy, x, samples=3)
    for name in ("elbo", "iwae"):
        np.testing.assert_allclose(found[name], toy.evidence(x), atol=2e-5, err_msg=name)


def test_a_wrong_posterior_is_paid_for_less_with_more_samples(x):
    toy = LinearGaussian(shift=0.3, widen=1.3)
    few, many = bounds(toy, x, samples=5), bounds(toy, x, samples=4000)
    evidence = toy.evidence(x)
    assert (few["iwae"] >= few["elbo"]).all()
    assert (evidence - many["elbo"] > 0.05).all()
    np.testing.assert_allclose(many["iwae"], evidence, atol=0.03)
    gaps = [np.mean([evidence - bounds(toy, x, k, seed=s)["iwae"] for s in range(40)]) for k in (1, 4, 16)]
    assert gaps[0] > gaps[1] > gaps[2] > 0


def test_kl_weights_have_the_same_elbo_in_expectation(x):
    toy = LinearGaussian(shift=0.3, widen=1.3)
    sample, kl = (bounds(toy, x, samples=4000, weights=name)["elbo"] for name in ("sample", "kl"))
    np.testing.assert_allclose(sample, kl, atol=0.1)


@pytest.fixture(scope="module")
def model():
    return tiny(kl_sample="same", kl_f_weight=0.25)


def by_hand(model, x, seed, mask=None):
    """Log-likelihood, KLs and log-ratios of one sample of each trial."""
    batch = {"x": x} if mask is None else {"x": x, "mask": mask}
    with own_randomness(model, seed), sampling_scope():
        out = {name: np.asarray(value) for name, value in model.all_outputs(batch).items()}
    log_p = np.asarray(model.likelihood.log_prob(x, out["raw"]))
    return (log_p if mask is None else log_p * mask).sum((1, 2)), out


def test_of_one_sample_both_bounds_are_its_weight(model):
    x = counts()
    found = model.bounds(x, samples=1, seed=3)
    log_p, out = by_hand(model, x, 3)
    np.testing.assert_allclose(found["elbo"], log_p - out["_log_ratio_f"] - out["_log_ratio_z"], rtol=1e-5)
    np.testing.assert_array_equal(found["elbo"], found["iwae"])
    tf1 = model.bounds(x, samples=1, seed=3, weights="kl")
    np.testing.assert_allclose(tf1["elbo"], log_p - out["_kl_f"] - out["_kl_z"], rtol=1e-5)


def test_the_kl_at_the_sample_is_the_log_ratio_of_the_inputs(model):
    scores = score_samples(model, counts(), samples=2)
    np.testing.assert_allclose(scores["_kl_z"], scores["_log_ratio_z"], rtol=1e-5)
    assert not np.allclose(scores["_kl_f"], scores["_log_ratio_f"])


def test_only_observed_entries_and_bins_count(model):
    x, mask = counts(), np.ones((B, 5, 6), "f4")
    mask[0, 3:], mask[1, :, 2] = 0.0, 0.0
    found = model.bounds({"x": x, "mask": mask}, samples=1, seed=1)["elbo"]
    log_p, out = by_hand(model, x, 1, mask)
    np.testing.assert_allclose(found, log_p - out["_log_ratio_f"] - out["_log_ratio_z"], rtol=1e-5)
    np.testing.assert_allclose(found, model.bounds({"x": x + 9 * (1 - mask), "mask": mask}, 1, 1)["elbo"], rtol=1e-5)


def test_chunks_hold_every_trial_and_sample_once(model):
    scores = score_samples(model, counts(5), samples=7, batch_size=3, variance=True)
    assert {name: value.shape for name, value in scores.items() if name != "variance"} == {
        name: (5, 7) for name in ("log_likelihood", "_kl_f", "_kl_z", "_log_ratio_f", "_log_ratio_z")
    }
    assert len(np.unique(scores["log_likelihood"])) == 35
    assert scores["variance"].shape == (5, 5, 6)


def test_pushed_means_are_scored_once_and_the_variance_of_a_poisson_is_its_rate(model):
    x = counts()
    scores = score_samples(model, x, samples=9, push_mean=True, variance=True)
    assert scores["log_likelihood"].shape == (B, 1)
    np.testing.assert_allclose(scores["variance"], model.posterior(x, push_mean=True)["rates"], rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"weights": "log"}, "weights: expected one of sample, kl, got 'log'"), ({"samples": 0}, "samples: expected an")],
)
def test_wrong_arguments(model, options, message):
    with pytest.raises(ConfigError, match=message):
        model.bounds(counts(), **options)


def test_a_family_without_densities_at_the_samples(x):
    toy = LinearGaussian()
    whole = toy.all_outputs
    toy.all_outputs = lambda *a, **k: {n: v for n, v in whole(*a, **k).items() if n != "_log_ratio_f"}
    with pytest.raises(ConfigError, match="expected 'kl', got 'sample': family 'toy' does not offer the densities"):
        bounds(toy, x)
    assert bounds(toy, x, weights="kl")["elbo"].shape == (6,)
