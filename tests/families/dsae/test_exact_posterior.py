"""A DSAE whose posterior can be the true one: its bound is then the evidence itself, and below it by a known amount.

Every layer is straight and p(z_t) = N(m, s^2) in each bin, so that x_t = A f + V z_t + c + unit noise. Given f the z_t
are independent, each normal with a mean that is linear in x_t and f; f given x is normal with a mean that is linear in
the sum of all x_t. A simple recurrent layer that adds up what it reads, and one that forgets at once, compute these.
"""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae import make_params
from indl_vae.models import build_model
from indl_vae.typing import DataSpec
from tests.models.helpers import loss_of
from tests.reference.networks_numpy import FLOOR

T, N, D = 3, 5, 2
PRIOR_MEAN, PRIOR_STD = 0.4, 0.8
SIZES = {
    "variant": "full", "feature_units": [N], "f_rnn_type": "SimpleRNN", "f_units": [N], "f_latent_size": D,
    "f_latent_off_diag": True, "z1_rnn_type": "SimpleRNN", "z1_units": N + D, "z2_units": 0, "z_latent_size": 1,
    "decoder_units": [D + 1], "z_prior_units": 3, "z_prior_init_std": PRIOR_STD, "likelihood": "gaussian",
    "gaussian_scale": "fixed", "scale_channels": False, "dropout_rate": 0.0, "coordinated_dropout_rate": 0.0,
    "jit_compile": False, "seed": 2,
}  # fmt: skip


class Truth(NamedTuple):
    """x_t = A f + V z_t + c + noise, and what follows from it."""

    of_f: np.ndarray
    of_z: np.ndarray
    offset: np.ndarray

    @property
    def z_covariance(self) -> np.ndarray:
        return np.linalg.inv(np.eye(1) / PRIOR_STD**2 + self.of_z.T @ self.of_z)

    @property
    def noise_precision(self) -> np.ndarray:
        """Of x_t given f alone."""
        return np.linalg.inv(PRIOR_STD**2 * self.of_z @ self.of_z.T + np.eye(N))

    @property
    def f_covariance(self) -> np.ndarray:
        return np.linalg.inv(np.eye(D) + T * self.of_f.T @ self.noise_precision @ self.of_f)

    def evidence(self, x: np.ndarray) -> np.ndarray:
        """log p(x) of each trial, from the covariance of all bins and channels together."""
        within = PRIOR_STD**2 * self.of_z @ self.of_z.T + np.eye(N)
        covariance = np.kron(np.ones((T, T)), self.of_f @ self.of_f.T) + np.kron(np.eye(T), within)
        mean = np.tile(self.offset + PRIOR_MEAN * self.of_z[:, 0], T)
        away = x.reshape(len(x), -1).astype("f8") - mean
        quadratic = np.sum(away @ np.linalg.inv(covariance) * away, axis=1)
        return -0.5 * (quadratic + np.linalg.slogdet(covariance)[1] + T * N * np.log(2 * np.pi))


def made(truth: Truth, z_reads_f: bool = True):
    """Returns a DSAE with these decoder and prior, and the true posteriors."""
    model = build_model(make_params("dsae", SIZES), DataSpec(N, T))
    core = model.core
    for name in ("features_0", "decoder_0"):
        core.get_layer(name).activation = keras.activations.linear
    for name in ("f_rnn_0", "z_rnn_1"):
        core.get_layer(name).cell.activation = keras.activations.linear
    put(core, "features_0", np.eye(N), 0.0)
    put(core, "f_rnn_0", np.eye(N), 0.0, recurrent=np.eye(N))
    put(core, "z_rnn_1", np.eye(N + D), 0.0, recurrent=np.zeros((N + D, N + D)))
    put(core, "decoder_0", np.eye(D + 1), 0.0)
    put(core, "readout", np.concatenate([truth.of_z, truth.of_f], axis=1).T, truth.offset)
    prior = core.get_layer("z_prior").cell
    prior.loc_head.kernel.assign(np.zeros((3, 1)))
    prior.scale_head.kernel.assign(np.zeros((3, 1)))
    prior.loc_head.bias.assign([PRIOR_MEAN])
    prior.scale_head.bias.assign([inverse_softplus(PRIOR_STD - FLOOR) - inverse_softplus(PRIOR_STD)])
    put_posterior_of_f(core, truth)
    put_posterior_of_z(core, truth, z_reads_f)
    return model


def put(core, name, kernel, bias, recurrent=None):
    layer = core.get_layer(name)
    layer = layer.cell if recurrent is not None else layer
    layer.kernel.assign(kernel)
    layer.bias.assign(np.broadcast_to(bias, layer.bias.shape))
    if recurrent is not None:
        layer.recurrent_kernel.assign(recurrent)


def put_posterior_of_f(core, truth):
    gain = truth.f_covariance @ truth.of_f.T @ truth.noise_precision
    at_rest = truth.offset + PRIOR_MEAN * truth.of_z[:, 0]
    put(core, "f_loc", gain.T, -gain @ at_rest * T)
    triangle = np.linalg.cholesky(truth.f_covariance)
    raw = triangle.copy()
    np.fill_diagonal(raw, inverse_softplus(np.diag(triangle) - FLOOR) - inverse_softplus(0.1))
    put(core, "f_scale", 0.0 * core.get_layer("f_scale").kernel, tfp.math.fill_triangular_inverse(raw).numpy())


def put_posterior_of_z(core, truth, z_reads_f):
    gain = truth.z_covariance @ truth.of_z.T
    from_f = -gain @ truth.of_f * z_reads_f
    rest = truth.z_covariance[0, 0] * PRIOR_MEAN / PRIOR_STD**2
    put(core, "z_loc", np.concatenate([gain, from_f], axis=1).T, rest - gain @ truth.offset)
    raw = inverse_softplus(truth.z_covariance[0, 0] ** 0.5 - FLOOR) - inverse_softplus(0.1)
    put(core, "z_scale", 0.0 * core.get_layer("z_scale").kernel, raw)


def inverse_softplus(value):
    return np.log(np.expm1(value))


@pytest.fixture(scope="module")
def truth():
    rng = np.random.default_rng(0)
    return Truth(0.7 * rng.normal(size=(N, D)), 0.7 * rng.normal(size=(N, 1)), rng.normal(size=N))


@pytest.fixture(scope="module")
def x(truth):
    rng = np.random.default_rng(1)
    f, z = rng.normal(size=(4, 1, D)), PRIOR_MEAN + PRIOR_STD * rng.normal(size=(4, T, 1))
    return (f @ truth.of_f.T + z @ truth.of_z.T + truth.offset + rng.normal(size=(4, T, N))).astype("f4")


@pytest.fixture(scope="module")
def model(truth):
    return made(truth)


def shifted(model, truth, by):
    """The bias of q(f)'s mean moved; returns a function that puts it back."""
    bias = model.core.get_layer("f_loc").bias
    before = bias.numpy()
    bias.assign(before + by)
    return lambda: bias.assign(before)


def test_the_true_posterior_gives_the_evidence_from_every_sample(model, truth, x):
    """That of z too, which depends on the f that was drawn."""
    for seed in range(3):
        found = model.bounds(x, samples=4, seed=seed)
        for name in ("elbo", "iwae"):
            np.testing.assert_allclose(found[name], truth.evidence(x), atol=2e-4, err_msg=name)


def test_the_mean_of_the_training_loss_is_minus_the_evidence(model, truth, x):
    """With divergences in closed form in place of the densities at the sample."""
    n = 3000
    repeated = {"x": np.repeat(x[:1], n, axis=0)}
    loss, outputs = loss_of(model, repeated, training=True)
    log_p = np.asarray(tf.reduce_sum(model.likelihood.log_prob(repeated["x"], outputs["raw"]), axis=(1, 2)))
    error = (log_p - outputs["_kl_f"] - outputs["_kl_z"]).numpy().std() / np.sqrt(n)
    assert 1e-3 < error < 0.1
    assert abs(-float(loss) - truth.evidence(x[:1])[0]) < 4 * error


def test_a_shifted_posterior_costs_its_divergence_from_the_true_one(model, truth, x):
    """Only q(f) is wrong: the ELBO lies below the evidence by 0.5 shift' S^-1 shift, the other bound by less."""
    by = np.array([0.5, -0.3])
    put_back = shifted(model, truth, by)
    gap = 0.5 * by @ np.linalg.inv(truth.f_covariance) @ by
    n, evidence = 4000, truth.evidence(x)
    scores = model.bounds(np.repeat(x, n, axis=0), samples=1, seed=5)["elbo"].reshape(len(x), n)
    found = {k: model.bounds(np.repeat(x, 300, axis=0), samples=k, seed=6)["iwae"].reshape(len(x), 300) for k in (1, 8)}
    put_back()
    assert gap > 0.2
    error = scores.std(axis=1) / np.sqrt(n)
    assert (np.abs(evidence - scores.mean(axis=1) - gap) < 4.5 * error).all()
    means, errors = ({k: f(v, axis=1) for k, v in found.items()} for f in (np.mean, np.std))
    for k in found:
        assert (means[k] < evidence + 4.5 * errors[k] / 300**0.5).all(), k
    assert (means[8] > means[1] + 0.3 * gap).all()


def test_z_that_does_not_see_f_costs_what_it_does_not_know(truth, x):
    """q(z | x, f) is read at f = 0 instead: its mean is off by a known amount for each f that is drawn."""
    blind, n = made(truth, z_reads_f=False), 4000
    means = blind.posterior(x, push_mean=True)["f_loc"].astype("f8")
    off = truth.z_covariance @ truth.of_z.T @ truth.of_f
    squares = np.array([(off @ (np.outer(mean, mean) + truth.f_covariance) @ off.T)[0, 0] for mean in means])
    gap = 0.5 * T * squares / truth.z_covariance[0, 0]
    scores = blind.bounds(np.repeat(x, n, axis=0), samples=1)["elbo"].reshape(len(x), n)
    assert gap.max() > 0.1
    assert (np.abs(truth.evidence(x) - scores.mean(axis=1) - gap) < 4.5 * scores.std(axis=1) / n**0.5).all()


def test_the_factorized_variant_with_the_true_posterior_of_f(truth, x):
    """Where the data do not depend on z, q(z) = p(z) is its true posterior, and the bound of both is the evidence."""
    alone = truth._replace(of_z=np.zeros((N, 1)))
    options = {**SIZES, "variant": "factorized", "z1_rnn_type": "", "z1_units": 4}
    model = build_model(make_params("dsae", options), DataSpec(N, T))
    full = made(alone)
    for name in ("features_0", "f_rnn_0", "f_loc", "f_scale", "decoder_0", "readout", "z_prior"):
        model.core.get_layer(name).set_weights(full.core.get_layer(name).get_weights())
    for name in ("features_0", "decoder_0"):
        model.core.get_layer(name).activation = keras.activations.linear
    model.core.get_layer("f_rnn_0").cell.activation = keras.activations.linear
    put(model.core, "z_loc", np.zeros((4, 1)), PRIOR_MEAN)
    put(model.core, "z_scale", np.zeros((4, 1)), inverse_softplus(PRIOR_STD - FLOOR) - inverse_softplus(0.1))
    for found in (model.bounds(x, samples=3), full.bounds(x, samples=3)):
        for name in ("elbo", "iwae"):
            np.testing.assert_allclose(found[name], alone.evidence(x), atol=2e-4, err_msg=name)
    put(model.core, "z_loc", np.zeros((4, 1)), PRIOR_MEAN + 0.5)
    worse = model.bounds(x, samples=3000)["elbo"]
    np.testing.assert_allclose(alone.evidence(x) - worse, T * 0.5 * (0.5 / PRIOR_STD) ** 2, atol=0.1)
