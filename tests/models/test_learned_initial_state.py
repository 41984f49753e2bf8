"""LFADS without a static latent (`ic_dim` 0), and models that feed rates back: saved, sampled, trained."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.models import build_model
from indl_vae.typing import DataSpec, SessionSpec
from tests.models.helpers import B, N, T, U, counts, gradients_of, tiny


@pytest.fixture(scope="module")
def model():
    return tiny(f_latent_size=0)


def test_all_trials_start_from_one_learned_state(model):
    outputs = model(counts())
    state = np.asarray(model.core.get_layer("gen_init").state)
    assert np.abs(state).max() > 0
    np.testing.assert_array_equal(outputs["gen_init"], np.repeat(state, B, 0))
    assert "kl_f" not in model.terms


def test_posterior_and_prior_know_nothing_of_f(model):
    posterior = model.posterior(counts(), samples=2)
    assert not {"f_loc", "f_scale", "ic_mean", "ic_logvar"} & set(posterior)
    drawn = model.sample_prior(3)
    assert "f_sample" not in drawn and drawn["rates"].shape == (3, T, N)
    np.testing.assert_array_equal(drawn["gen_init"], posterior["gen_init"][:1].repeat(3, 0))


@pytest.mark.parametrize("options", [{"f_latent_size": 0}, {"feedback": "rates"}], ids=["no f", "rates fed back"])
def test_saved_and_loaded_it_is_the_same(options, tmp_path):
    model = tiny(**options)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(counts())["rates"], model(counts())["rates"])
    assert len(loaded.trainable_weights) == len(model.trainable_weights)


@pytest.mark.parametrize("likelihood", ["poisson", "gaussian"])
def test_routes_agree_when_rates_are_fed_back(likelihood):
    fused, plain = (
        gradients_of(tiny(feedback="rates", likelihood=likelihood, rnn_route=route, dropout_rate=0.2), counts(), True)
        for route in ("fused", "keras")
    )
    for ours, theirs in zip(fused.values(), plain.values(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4 * np.abs(theirs).max() + 1e-7)


def test_rates_of_several_sessions_are_not_fed_back():
    sessions = (SessionSpec("a", 4), SessionSpec("b", N))
    with pytest.raises(ConfigError, match=r"feedback: 'rates' needs the one read-out of a model of a single session"):
        build_model(tiny(feedback="rates").params, DataSpec(N, T, 0, 0.01, sessions=sessions))


@pytest.mark.parametrize("to_gen", [True, False], ids=["to the generator", "to the encoders"])
def test_a_nan_in_a_padded_bin_of_the_external_input_is_not_felt(to_gen):
    model = tiny(ext_input_dim=U, inject_ext_input_to_gen=to_gen)
    mask = np.ones((B, T), "f4")
    mask[0, 3:] = 0.0
    ext = np.random.default_rng(0).normal(size=(B, T, U)).astype("f4")
    broken = ext.copy()
    broken[0, 3:] = np.nan
    rates = [np.asarray(model({"x": counts(), "mask": mask, "ext_input": one})["rates"]) for one in (ext, broken)]
    np.testing.assert_array_equal(*rates)
    gradients = gradients_of(model, {"x": counts(), "mask": mask, "ext_input": broken}, training=True)
    assert all(np.isfinite(gradient).all() for gradient in gradients.values())


def test_an_autoencoder_trains_and_leaves_the_scales_it_does_not_use():
    model = tiny(variational=False)
    before = {weight.path: np.asarray(weight) for weight in model.trainable_weights}
    with pytest.warns(UserWarning, match="Gradients do not exist for variables"):
        loss = model.train_step({"x": counts()})["loss"]
    same = {weight.path for weight in model.trainable_weights if np.array_equal(weight, before[weight.path])}
    scales = {"f_scale/kernel", "f_scale/bias"}
    scales |= {f"complex_rnn/complex_cell/co_logvar_{part}" for part in ("kernel", "bias")}
    assert np.isfinite(loss) and same == scales
