"""The KL of z is what sampling estimates, and the bound stays below the exact evidence where that is known."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae import make_params
from indl_vae.distributions.priors import RecurrentNormalPrior
from indl_vae.models import build_model
from indl_vae.typing import DataSpec, Latent

tfd = tfp.distributions
T, N, DF, DZ = 3, 5, 2, 1
#: Every layer that could bend is straight, and there is one law for all z: p(x) is then a normal distribution.
LINEAR = {
    "f_units": [3], "f_latent_size": DF, "z1_units": 3, "z2_units": 3, "z_latent_size": DZ, "feature_units": [4],
    "decoder_units": [4], "z_prior_units": 3, "likelihood": "gaussian", "gaussian_scale": "fixed",
    "scale_channels": False, "jit_compile": False, "seed": 2,
}  # fmt: skip


def test_teacher_forced_kl_is_what_sampling_estimates():
    """E_q[log q(z) - log p(z)], p by the chain rule at the same draw, over many draws of z."""
    rng = np.random.default_rng(0)
    n, n_bins, dim = 4000, 4, 2
    prior = RecurrentNormalPrior(dim, 5, "LSTM", init_std=0.7, seed=1)
    for weight in prior.weights:
        weight.assign(weight + 0.5 * rng.normal(size=weight.shape))
    loc = np.repeat(rng.normal(size=(1, n_bins, dim)), n, 0).astype("f4")
    scale = np.repeat(np.exp(0.3 * rng.normal(size=(1, n_bins, dim))), n, 0).astype("f4")
    sample = loc + scale * rng.normal(size=loc.shape).astype("f4")
    closed = prior.kl(Latent(sample, loc, scale)).numpy()
    ratio = _brute_force(prior, sample, loc, scale)
    error = np.sqrt(closed.var() / n + ratio.var() / n)
    assert abs(closed.mean() - ratio.mean()) < 4 * error
    assert closed.var() < ratio.var()  # part of the expectation is taken in closed form
    np.testing.assert_allclose(prior.log_ratio(Latent(sample, loc, scale)), ratio, rtol=1e-3, atol=1e-3)
    free = RecurrentNormalPrior(dim, 5, "LSTM", init_std=0.7, mode="free_running", seed=1)
    free.set_weights(prior.get_weights())
    assert abs(free.kl(Latent(sample, loc, scale)).numpy().mean() - ratio.mean()) > 10 * error


def _brute_force(prior, sample, loc, scale):
    """Steps the cell bin by bin, each time with the draw of the bin before."""
    before, state = prior.cell.zero_state([len(sample)])
    total = 0.0
    for t in range(sample.shape[1]):
        law, state = prior.cell(before, state)
        before = tf.constant(sample[:, t])
        total += tfd.MultivariateNormalDiag(loc[:, t], scale[:, t]).log_prob(before) - law.log_prob(before)
    return np.asarray(total)


@pytest.fixture(scope="module", params=["full", "factorized"])
def linear(request):
    """A DSAE whose exact evidence is that of a normal distribution, and that distribution."""
    options = {**LINEAR, "variant": request.param} | ({"z2_units": 0} if request.param == "factorized" else {})
    model = build_model(make_params("dsae", options), DataSpec(N, T))
    rng = np.random.default_rng(1)
    for weight in model.trainable_weights:
        weight.assign(weight + 0.2 * rng.normal(size=weight.shape))
    model.core.get_layer("decoder_0").activation = None
    prior = model.core.get_layer("z_prior")
    for head in (prior.cell.loc_head, prior.cell.scale_head):
        head.kernel.assign(np.zeros(head.kernel.shape))
    return model, _evidence(model, prior)


def _evidence(model, prior):
    """p(x), dense: x = W [f, z_1, ..., z_T] + b + unit noise, the latents normal and independent."""
    zero_f, zero_z = np.zeros((1, DF), "f4"), np.zeros((1, T, DZ), "f4")
    offset = _decoded(model, zero_f, zero_z).ravel()
    columns = [_decoded(model, np.eye(DF, dtype="f4")[[i]], zero_z).ravel() - offset for i in range(DF)]
    for t in range(T):
        for d in range(DZ):
            moved = zero_z.copy()
            moved[0, t, d] = 1.0
            columns.append(_decoded(model, zero_f, moved).ravel() - offset)
    law, _ = prior.cell(*prior.cell.zero_state([1]))
    mean = np.concatenate([np.zeros(DF), np.tile(law.mean().numpy()[0], T)])
    variance = np.concatenate([np.ones(DF), np.tile(law.variance().numpy()[0], T)])
    weights = np.array(columns, "f8").T
    covariance = weights @ np.diag(variance) @ weights.T + np.eye(T * N)
    return tfd.MultivariateNormalFullCovariance(offset + weights @ mean, covariance)


def _decoded(model, f, z):
    hidden = np.concatenate([z, np.repeat(f[:, None], T, 1)], -1)
    for name in ("decoder_0", "readout"):
        layer = model.core.get_layer(name)
        hidden = hidden @ np.asarray(layer.kernel, "f8") + np.asarray(layer.bias, "f8")
    return hidden


def test_the_bound_never_exceeds_the_exact_evidence(linear):
    model, evidence = linear
    x = evidence.sample(4, seed=3).numpy().reshape(4, T, N).astype("f4")
    np.testing.assert_allclose(
        model.reconstruct(x, push_mean=True)["rates"],
        _decoded(model, model.posterior(x, push_mean=True)["f_loc"], model.posterior(x, push_mean=True)["z_loc"]),
        rtol=1e-4,
        atol=1e-4,
    )  # the oracle decodes as the model does
    exact = evidence.log_prob(x.reshape(4, -1).astype("f8")).numpy()
    bounds = model.bounds(x, samples=2000)
    assert (bounds["elbo"] < exact).all()
    assert (bounds["iwae"] > bounds["elbo"]).all() and (bounds["iwae"] < exact + 0.3).all()


def test_training_brings_the_bound_to_the_evidence_from_below(linear):
    """The generative half stays; the encoders learn, and the gap to the evidence shrinks, never below 0."""
    model, evidence = linear
    x = evidence.sample(256, seed=4).numpy().reshape(256, T, N).astype("f4")
    exact = evidence.log_prob(x.reshape(256, -1).astype("f8")).numpy().mean()
    before = exact - model.bounds(x, samples=50)["elbo"].mean()
    for layer in model.core.layers:
        layer.trainable = layer.name.startswith(("f_", "z_rnn", "z_dense", "z_loc", "z_scale", "features"))
    model.compile(optimizer="adam", jit_compile=False)
    model.optimizer.learning_rate = 0.01
    model.fit(x, epochs=15, batch_size=32, verbose=0)
    after = exact - model.bounds(x, samples=200)["elbo"].mean()
    assert -0.02 < after < 0.5 * before
