"""The loss of the variational fit, term by term, against its published formula written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.layers.sampling_scope import sampling_scope
from indl_vae.models import build_model
from indl_vae.typing import DataSpec
from tests.distributions.priors.test_dynamics import log_prior
from tests.models.helpers import loss_of


def made(n_channels, n_bins, dim, n_inputs=0, **options):
    params = make_params(
        "dendplrnn",
        {"preset": "published", "z_latent_size": dim, "n_bases": 3, "jit_compile": False, "seed": 2, **options},
    )
    model = build_model(params, DataSpec(n_channels, n_bins, n_inputs, n_sequences=3))
    rng = np.random.default_rng(4)
    for weight in model.trainable_weights:
        weight.assign(weight + 0.2 * rng.normal(size=weight.shape))
    return model


def log_likelihood(model, x, z):
    """ll_x of section 3 times the number of bins."""
    kernel = model.core.get_layer("readout").kernel.numpy().astype(float)
    deviation = np.log1p(np.exp(model.likelihood.raw_scale.numpy().astype(float) + np.log(np.e - 1))) + 1e-5
    square = (((x - z @ kernel) / deviation) ** 2).sum()
    return -0.5 * square - len(x) * np.log(deviation).sum() - 0.5 * x.size * np.log(2 * np.pi)


def attractor(model):
    """The penalty with every state in the one group of the preset, by columns."""
    square = model.core.get_layer("manifold_attractor").step.square.numpy().astype(float)
    bias = model.core.get_layer("manifold_attractor").step.bias.numpy().astype(float)
    diagonal = np.diag(square)
    return 0.1 * (((diagonal - 1) ** 2).sum() + ((square - np.diag(diagonal)) ** 2).sum() + (bias**2).sum())


@settings(deadline=None, max_examples=8)
@given(
    n_channels=st.integers(1, 3),
    n_bins=st.integers(1, 5),
    dim=st.integers(1, 4),
    n_inputs=st.integers(0, 2),
    factor=st.sampled_from([0.0, 0.3, 0.5]),
)
def test_the_loss_is_the_published_one_but_for_the_constant_of_the_entropy(n_channels, n_bins, dim, n_inputs, factor):
    model = made(n_channels, n_bins, dim, n_inputs)
    rng = np.random.default_rng(n_bins)
    batch = {"x": rng.normal(size=(3, n_bins, n_channels)).astype("f4"), "sequence": np.array([2.0, 0.0, 1.0], "f4")}
    if n_inputs:
        batch["ext_input"] = rng.normal(size=(3, n_bins, n_inputs)).astype("f4")
    model.nll_weight.weight_value.assign(factor)
    model.terms["kl_z"].weight_value.assign(1.0 - factor)
    with sampling_scope():
        loss, outputs = loss_of(model, batch)
    z, log_std = outputs["factors"].numpy().astype(float), np.log(outputs["z_scale"].numpy().astype(float))
    ll_z = log_prior(model.core.get_layer("p_z"), z, batch.get("ext_input"), [2, 0, 1])
    constant, expected = 0.5 * dim * (1 + np.log(2 * np.pi)), []
    for n in range(3):
        ll_x, entropy = log_likelihood(model, batch["x"][n].astype(float), z[n]), log_std[n].sum()
        expected.append(-(1 - factor) * (entropy + ll_z[n]) / n_bins - factor * ll_x / n_bins + attractor(model))
    assert float(loss) == pytest.approx(np.mean(expected) - (1 - factor) * constant, rel=1e-3, abs=1e-3)


def test_the_reported_bound_is_that_of_whole_trials():
    model = made(2, 5, 3)
    x = np.random.default_rng(0).normal(size=(4, 5, 2)).astype("f4")
    model.nll_weight.weight_value.assign(0.1)  # the weights of the loss have no part in it
    logs = model.evaluate(x, batch_size=2, return_dict=True, verbose=0)
    bound = model.bounds(x, samples=1, weights="kl")
    outputs = model.all_outputs(x)
    nll = -model.likelihood.log_prob(x, outputs["raw"]).numpy().sum((1, 2))
    assert logs["neg_elbo"] == pytest.approx((nll + outputs["_kl_z"].numpy()).mean(), rel=1e-5)
    assert np.isfinite(bound["elbo"]).all()


def test_ragged_trials_count_by_their_own_bins():
    model = made(2, 6, 3, reg_ratios=[], reg_alphas=[])
    x = np.random.default_rng(0).normal(size=(2, 6, 2)).astype("f4")
    mask = np.repeat((np.arange(6) < np.array([[6], [3]])).astype("f4")[..., None], 2, -1)
    whole = float(loss_of(model, {"x": x, "mask": mask})[0])
    alone = [float(loss_of(model, {"x": x[i : i + 1, :n]})[0]) for i, n in enumerate((6, 3))]
    assert whole == pytest.approx(np.mean(alone), rel=1e-5)


def test_the_bound_never_exceeds_the_evidence_of_a_linear_system():
    """Thresholds beyond every state and an even plain rectifier make the system linear: the evidence is then exact."""
    model = made(2, 4, 2, n_bases=0, rectifier_slope=0.999, initial_states="shared", reg_ratios=[], reg_alphas=[],
                 hard_clip=False)  # fmt: skip
    step, prior = model.core.get_layer("p_z").step, model.core.get_layer("p_z")
    square = 0.4 * np.random.default_rng(1).normal(size=(2, 2)).astype("f4")
    step.square.assign(np.diag(np.diag(square)))  # only a: nothing is rectified
    x = np.random.default_rng(2).normal(size=(5, 4, 2)).astype("f4")
    evidence = linear_evidence(x, np.diag(np.diag(square)), step, prior, model)
    before = model.bounds(x, samples=400)["elbo"]
    for layer in model.core.layers:
        layer.trainable = layer.name.startswith("z_")
    model.compile(optimizer=tf.keras.optimizers.Adam(0.03), jit_compile=False)
    model.fit(x, epochs=150, batch_size=5, verbose=0)
    after = model.bounds(x, samples=400)["elbo"]
    assert (before < evidence + 0.05).all() and (after < evidence + 0.05).all()
    assert after.mean() > before.mean()


def linear_evidence(x, transition, step, prior, model):
    """log p(x) of each trial from the dense normal distribution of all its entries."""
    n_bins, dim = x.shape[1], 2
    kernel = model.core.get_layer("readout").kernel.numpy().astype(float)
    bias, r0, r = step.bias.numpy(), prior.start_std.numpy(), prior.noise_std.numpy()
    mean, cov = [prior.start.numpy()[0].astype(float)], np.zeros((n_bins, n_bins, dim, dim))
    cov[0, 0] = np.diag(r0.astype(float) ** 2)
    for t in range(1, n_bins):
        mean.append(transition @ mean[-1] + bias)
        for s in range(t):
            cov[t, s] = transition @ cov[t - 1, s]
            cov[s, t] = cov[t, s].T
        cov[t, t] = transition @ cov[t - 1, t - 1] @ transition.T + np.diag(r.astype(float) ** 2)
    full = cov.transpose(0, 2, 1, 3).reshape(n_bins * dim, n_bins * dim)
    emission = np.kron(np.eye(n_bins), kernel.T)
    deviation = np.log1p(np.exp(model.likelihood.raw_scale.numpy().astype(float) + np.log(np.e - 1))) + 1e-5
    total = emission @ full @ emission.T + np.kron(np.eye(n_bins), np.diag(deviation**2))
    centred = x.reshape(len(x), -1) - emission @ np.concatenate(mean)
    square = np.einsum("bi,ij,bj->b", centred, np.linalg.inv(total), centred)
    return -0.5 * (square + np.linalg.slogdet(total)[1] + total.shape[0] * np.log(2 * np.pi))


@pytest.mark.parametrize("reg", [True, 3, "ab", [0.5, 1.0], [[0.5]]])
def test_pairs_of_regularisation_that_are_none(reg):
    with pytest.raises(ConfigError, match="reg: expected"):
        make_params("dendplrnn", reg=reg)
