"""The loss as a bound: likelihood and divergences by TensorFlow Probability, gating, sample validation, samples."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.likelihoods import LIKELIHOODS
from indl_vae.models.objective import entry_nll, gate_gradient, half_mean_square
from tests.models.helpers import QUIET, B, N, T, counts, gradients_of, loss_of, oracle_weights, tiny

tfd = tfp.distributions
POSITIVE = ("gamma", "zero_inflated_gamma")
LEVELS = {"ordinal": {"n_levels": 6}, "categorical": {"n_levels": 6}}


def data_for(likelihood):
    x = counts()
    return np.minimum(x, 1.0) if likelihood == "bernoulli" else x + 0.3 if likelihood in POSITIVE else x


def chain_covariance(logtau, lognvar):
    alpha = np.exp(-np.exp(-logtau))
    return np.exp(lognvar) / (1 - alpha**2) * alpha ** np.abs(np.subtract.outer(np.arange(T), np.arange(T)))


def dense_kl_z(model, outputs):
    """Returns the divergence of the inferred inputs from the dense covariance of the AR(1) chain, by trial."""
    weights = oracle_weights(model)
    mean, scale = (np.asarray(outputs[name], "f8") for name in ("z_loc", "z_scale"))
    total = np.zeros(len(mean))
    for d, prior in enumerate(zip(weights["logtaus"], weights["lognvars"], strict=True)):
        p = tfd.MultivariateNormalFullCovariance(np.zeros(T), chain_covariance(*prior))
        q = tfd.MultivariateNormalTriL(mean[..., d], np.eye(T) * scale[..., d, None])
        total += tfd.kl_divergence(q, p).numpy()
    return total


@pytest.mark.parametrize("likelihood", LIKELIHOODS.names())
def test_summed_loss_with_weights_of_one_is_minus_the_elbo(likelihood):
    model = tiny(likelihood=likelihood, **LEVELS.get(likelihood, {}), **QUIET)
    x = data_for(likelihood)
    loss, outputs = loss_of(model, x)
    nll = -np.sum(model.likelihood.distribution(outputs).log_prob(x), axis=(1, 2), dtype="f8")
    q = tfd.MultivariateNormalDiag(outputs["f_loc"], outputs["f_scale"])
    kl_f = tfd.kl_divergence(q, model.core.get_layer("f_prior").distribution()).numpy()
    elbo = -nll - kl_f - dense_kl_z(model, outputs)
    assert float(loss) == pytest.approx(-elbo.mean(), rel=2e-5)


def test_terms_weights_and_ramps_make_up_the_loss():
    model = tiny(l2_gen_scale=2.0, l2_con_scale=1.0, **QUIET)
    x = counts()
    whole, outputs = loss_of(model, x)
    assert set(model.terms) == {"kl_f", "kl_z", "l2_gen", "l2_con"}
    for term in model.terms.values():
        term.ramp.assign(0.0)
    nll = float(loss_of(model, x)[0])
    assert nll == pytest.approx(-np.sum(model.likelihood.log_prob(x, outputs)) / B, rel=1e-6)
    parts = {}
    for name, term in model.terms.items():
        term.ramp.assign(0.5)
        term.weight_value.assign(term.weight_value * 3.0)
        parts[name] = (float(loss_of(model, x)[0]) - nll) / 1.5
        term.ramp.assign(0.0)
    assert float(whole) == pytest.approx(nll + sum(parts.values()), rel=1e-5)
    assert parts["kl_f"] == pytest.approx(np.mean(outputs["_kl_f"]), rel=1e-3)
    assert model.terms["kl_f"].kind == model.terms["kl_z"].kind == "kl" and model.terms["l2_gen"].kind == "l2"


def test_l2_is_half_the_mean_square_over_all_penalised_kernels(rng):
    small, large = (rng.normal(size=shape).astype("f4") for shape in ((2, 3), (4, 5)))
    expected = 0.5 * (np.sum(small**2) + np.sum(large**2)) / 26
    assert float(half_mean_square([small, large], 26)) == pytest.approx(expected, rel=1e-6)


def test_biases_are_penalised_on_request():
    sizes = []
    for biases in (False, True):
        model = tiny(l2_gen_scale=1.0, l2_biases=biases)
        sizes.append(sum(int(np.prod(k.shape)) for k in model._regularised()["l2_gen"]))
    assert sizes == [9 * 27, 9 * 27 + 27]


def readout_gradient(model, x, training=True):
    return gradients_of(model, x, training)[model.core.get_layer("readout").bias.path]


@pytest.mark.parametrize("pass_rate", [0.0, 0.4])
def test_coordinated_dropout_lets_the_gradient_through_at_unseen_entries_alone(pass_rate):
    """Of a Poisson likelihood the readout bias gets the sum of rate minus count, over the open entries."""
    model = tiny(dropout_rate=0.0, coordinated_dropout_rate=0.5, cd_pass_rate=pass_rate)
    x = counts()
    bias = model.core.get_layer("readout").bias
    with tf.GradientTape() as tape:
        loss, outputs = loss_of(model, x, training=True)
    open_ = np.asarray(outputs["_learn"])
    assert 0.5 * (1 - pass_rate) - 0.2 < 1 - open_.mean() < 0.5 * (1 - pass_rate) + 0.2
    residual = np.asarray(outputs["rates"]) - x
    np.testing.assert_allclose(
        tape.gradient(loss, bias.value), np.sum(residual * open_, axis=(0, 1)) / B, rtol=1e-4, atol=1e-5
    )
    values = -np.sum(model.likelihood.log_prob(x, outputs)) / B
    terms = sum(float(np.mean(outputs[f"_{name}"])) for name in ("kl_f", "kl_z"))
    assert float(loss) == pytest.approx(values + terms, rel=1e-5), "the loss itself counts every entry"


def test_without_coordinated_dropout_every_entry_teaches():
    model = tiny(**QUIET)
    x = counts()
    _, outputs = loss_of(model, x)
    expected = np.sum(np.asarray(outputs["rates"]) - x, axis=(0, 1)) / B
    np.testing.assert_allclose(readout_gradient(model, x, training=False), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_entries_of_sample_validation_are_neither_seen_nor_learned_from(reduction, rng):
    model = tiny("autolfads", nll_reduction=reduction, **QUIET, sv_rate=0.25)
    visible = (rng.random((B, T, N)) > 0.25).astype("f4")
    x = counts()
    batches = [{"x": np.where(visible > 0, x, junk).astype("f4"), "visible": visible} for junk in (x, x + 7.0)]
    for batch in batches:
        for generator in (model.core.get_layer("q_f"), model.core.get_layer("complex_rnn").cell):
            generator.seed_generator.state.assign([1, 0])
        batch["loss"], batch["outputs"] = loss_of(model, batch, training=True)
    first, second = batches
    assert float(first["loss"]) == float(second["loss"])
    np.testing.assert_array_equal(first["outputs"]["rates"], second["outputs"]["rates"])
    nll = -np.asarray(model.likelihood.log_prob(x, first["outputs"])) * visible
    expected = nll.sum() / visible.sum() if reduction == "mean" else nll.sum() / B / 0.75
    terms = sum(float(np.mean(first["outputs"][f"_{name}"])) for name in ("kl_f", "kl_z"))
    assert float(first["loss"]) == pytest.approx(expected + terms, rel=1e-5)


def test_several_posterior_samples_per_trial_are_averaged():
    model = tiny(q_samples=4, **QUIET)
    loss, outputs = loss_of(model, counts(), training=True)
    assert outputs["rates"].shape == (4 * B, T, N)
    locs = np.asarray(outputs["f_loc"]).reshape(B, 4, -1)
    np.testing.assert_allclose(locs, np.repeat(locs[:, :1], 4, axis=1), atol=1e-6)
    draws = np.asarray(outputs["gen_init"]).reshape(B, 4, -1)
    assert np.ptp(draws, axis=1).min() > 0
    nll = -np.sum(model.likelihood.log_prob(np.repeat(counts(), 4, axis=0), outputs)) / (4 * B)
    terms = sum(float(np.mean(outputs[f"_{name}"])) for name in ("kl_f", "kl_z"))
    assert float(loss) == pytest.approx(nll + terms, rel=1e-5)
    assert model.all_outputs(counts())["rates"].shape == (B, T, N), "outside of training once"


def test_own_losses_of_layers_are_added():
    model = tiny(likelihood="zero_inflated_gamma", **QUIET)
    x = data_for("zero_inflated_gamma")
    before = float(loss_of(model, x)[0])
    model.likelihood.scale_penalty = 2.0
    after = float(loss_of(model, x)[0])
    penalty = np.sum(np.square(np.asarray(model.likelihood.channel_scale) - model.likelihood.scale_prior))
    assert after - before == pytest.approx(penalty, rel=1e-3)


def test_parts_of_the_reconstruction(rng):
    values, counted = tf.constant(rng.normal(size=(2, 3, 4)), tf.float32), np.ones((2, 3, 4), "f4")
    counted[0, 1:] = 0.0
    with tf.GradientTape() as tape:
        tape.watch(values)
        gated = gate_gradient(values, counted > 0)
    np.testing.assert_array_equal(gated, values)
    np.testing.assert_array_equal(tape.gradient(gated, values), counted)
    likelihood = LIKELIHOODS.get("poisson")(4)
    nll = entry_nll(likelihood, np.full((2, 3, 4), np.nan, "f4"), values, tf.constant(counted) * 0.0)
    np.testing.assert_array_equal(nll, np.zeros((2, 3, 4)))
