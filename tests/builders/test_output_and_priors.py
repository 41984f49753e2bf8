"""The readout with every likelihood, and both priors from their keys."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.builders import create_f_prior, create_likelihood, create_z_prior, likelihood_of, make_output_variational
from indl_vae.distributions.likelihoods import LIKELIHOODS
from indl_vae.distributions.priors import (
    AR1Prior,
    MultivariateNormalPrior,
    NullPrior,
    RecurrentNormalPrior,
    TiledNormalPrior,
)
from indl_vae.errors import ConfigError
from tests.builders.helpers import arrays, run, wire

B, T, F, N = 3, 5, 4, 6
LEVELS = {"ordinal": {"n_levels": 3}, "categorical": {"n_levels": 3}}
OPTIONS = [{"likelihood": name, **LEVELS.get(name, {})} for name in LIKELIHOODS.names()]
OPTIONS += [{"likelihood": "gaussian", "gaussian_scale": scale} for scale in ("per_channel", "fixed")]
OPTIONS += [{"output_dist": "Poisson", "poisson_full": "stirling", "clip_log_rate": False}]


@pytest.mark.parametrize("params", OPTIONS, ids=lambda p: "-".join(map(str, p.values())))
def test_readout_of_every_likelihood(params):
    model = wire(lambda f: make_output_variational(params, f, out_dim=N), F)
    likelihood = likelihood_of(model.outputs[0])
    assert likelihood is model.get_layer("likelihood")
    (raw,) = run(model, *arrays((B, T, F)))
    assert raw.shape == (B, T, N * likelihood.raw_per_channel)
    assert model.get_layer("readout").units == N * likelihood.params_per_channel
    law = likelihood.distribution(raw)
    assert law.batch_shape == (B, T, N) and law.event_shape == ()
    assert np.isfinite(likelihood.mean(raw)).all()


def test_options_reach_the_likelihood():
    stirling = create_likelihood({"poisson_full": "stirling", "clip_log_rate": False}, N)
    assert (stirling.normalizer, stirling.clip_log_rate) == ("stirling", False)
    assert create_likelihood({"likelihood": "gaussian", "gaussian_scale": "fixed"}, N).scale == "fixed"
    assert create_likelihood({"likelihood": "zero_inflated_gamma", "gamma_loc": 0.2}, N).gamma_loc == 0.2
    for name in LEVELS:
        assert create_likelihood({"likelihood": name, "n_levels": 5}, N).n_levels == 5
    assert not create_likelihood({"likelihood": "negative_binomial", "clip_log_rate": False}, N).clip_log_rate


@pytest.mark.parametrize("name", LEVELS)
def test_levels_must_be_counted(name):
    with pytest.raises(ConfigError, match=f"n_levels: expected .* at least 2 with likelihood = '{name}', got None"):
        create_likelihood({"likelihood": name}, N)
    with pytest.raises(ConfigError, match="n_levels: expected .*2.*got 1"):
        create_likelihood({"likelihood": name, "n_levels": 1}, N)


def test_number_of_channels_comes_from_the_call_or_from_the_parameters():
    (factors,) = arrays((B, T, F))
    model = wire(lambda f: make_output_variational({"out_dim": N}, f), F)
    assert run(model, factors)[0].shape == (B, T, N)
    with pytest.raises(ConfigError, match="out_dim: expected the number of observed channels, got 0; pass out_dim=N"):
        make_output_variational({}, keras.Input((None, F)))


def test_poisson_rates_are_the_exponential_of_a_linear_map():
    model = wire(lambda f: make_output_variational({}, f, out_dim=N), F)
    (factors,) = arrays((B, T, F))
    (raw,) = run(model, factors)
    kernel, bias = model.get_layer("readout").get_weights()
    np.testing.assert_allclose(raw, factors @ kernel + bias, atol=1e-5)
    np.testing.assert_allclose(model.get_layer("likelihood").mean(raw), np.exp(raw), rtol=1e-5)


def test_unknown_likelihoods_are_refused():
    with pytest.raises(ConfigError, match="likelihood.*poisson"):
        create_likelihood({"likelihood": "poison"}, N)


def test_f_prior_starts_as_asked():
    prior = create_f_prior({"f_latent_size": 3, "f_prior_init_std": 0.5})
    assert isinstance(prior, MultivariateNormalPrior)
    np.testing.assert_allclose(prior.distribution().stddev(), 0.5, rtol=1e-6)
    assert {w.name for w in prior.trainable_weights} == {"loc", "raw_var"}


def test_kappa_is_the_variance_of_the_f_prior():
    params = {"f_latent_size": 3, "ic_prior_var": 0.1, "f_prior_train_var": False, "f_prior_init_std": 7.0}
    prior = create_f_prior(params)
    np.testing.assert_allclose(prior.distribution().variance(), 0.1, rtol=1e-5)
    assert [w.name for w in prior.trainable_weights] == ["loc"]


def test_f_prior_with_bounds_and_with_covariances():
    bounded = create_f_prior({"f_prior_kappa": 0.1, "f_prior_var_min": 0.05, "f_prior_var_max": 0.2})
    assert (bounded.bounded, bounded.var_min, bounded.var_max) == (True, 0.05, 0.2)
    full = create_f_prior({"f_latent_size": 3, "f_prior_off_diag": True})
    assert full.scale.shape == (3, 3)


@pytest.mark.parametrize(
    ("process", "cls"),
    [
        ("AR1", AR1Prior),
        ("RNN", RecurrentNormalPrior),
        ("LSTM", RecurrentNormalPrior),
        ("GRU", RecurrentNormalPrior),
        ("GRUClip", RecurrentNormalPrior),
        ("tiled", TiledNormalPrior),
        ("null", NullPrior),
    ],
)
def test_z_priors(process, cls):
    prior = create_z_prior({"z_latent_size": 3, "z_prior_process": process, "z_prior_units": 5})
    assert type(prior) is cls and prior.dim == 3 and prior.name == "z_prior"
    assert prior.sample(2, 4, seed=1).shape == (2, 4, 3)
    if cls is RecurrentNormalPrior:
        assert (prior.units, prior.cell_type) == (5, "SimpleRNN" if process == "RNN" else process)


def test_options_reach_the_z_prior():
    params = {"prior_ar_nvar": 0.09, "z_prior_tau": 4.0, "z_prior_train_tau": False, "kl_sample": "analytic"}
    prior = create_z_prior(params)
    assert (prior.noise_std, prior.tau, prior.train_tau, prior.kl_sample) == (
        pytest.approx(0.3),
        4.0,
        False,
        "analytic",
    )
    tiled = create_z_prior({"z_prior_process": "tiled", "z_prior_init_std": 0.2, "z_prior_train_mean": True})
    np.testing.assert_allclose(tiled.distribution().stddev(), 0.2, rtol=1e-5)
    assert tiled.train_mean and tiled.train_var


def test_parameters_that_cannot_be_are_refused():
    with pytest.raises(ConfigError, match="z_prior_process"):
        create_z_prior({"z_prior_process": "AR2"})
    with pytest.raises(ConfigError, match="Did you mean 'f_prior_kappa'"):
        create_f_prior({"f_prior_kapa": 0.1})
