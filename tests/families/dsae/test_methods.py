"""Latents exchanged, fixed and drawn anew."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from tests.models.family_cases import N, T, U, make_batch, tiny


@pytest.fixture(scope="module", params=["dsae full", "dsae factorized"])
def model(request):
    return tiny(request.param)


def test_plain_reconstruction_is_the_posterior_mean(model):
    batch = make_batch(model)
    plain, means = model.reconstruct(batch, push_mean=True), model.posterior(batch, push_mean=True)
    for ours, theirs in (("rates", "rates"), ("static", "f_loc"), ("dynamic", "z_loc"), ("factors", "factors")):
        np.testing.assert_allclose(plain[ours], means[theirs], rtol=1e-4, atol=1e-5, err_msg=ours)


def test_swapped_latents_come_from_the_opposite_trial(model):
    batch = make_batch(model)
    plain = model.reconstruct(batch, push_mean=True)
    swapped = model.reconstruct(batch, swap_static=True, push_mean=True)
    np.testing.assert_array_equal(swapped["static"], plain["static"][::-1])
    np.testing.assert_array_equal(swapped["dynamic"], plain["dynamic"])
    both = model.reconstruct(batch, swap_static=True, swap_dynamic=True, push_mean=True)
    np.testing.assert_allclose(both["rates"], plain["rates"][::-1], rtol=1e-5)
    other = model.reconstruct(batch, swap_dynamic=True, push_mean=True)
    np.testing.assert_allclose(other["rates"], swapped["rates"][::-1], rtol=1e-5)


def test_decoding_latents_of_different_trials_is_swapping_them(model):
    batch = make_batch(model)
    plain = model.reconstruct(batch, push_mean=True)
    swapped = model.reconstruct(batch, swap_static=True, push_mean=True)
    decoded = model.decode(plain["static"][::-1], plain["dynamic"])
    np.testing.assert_allclose(decoded["rates"], swapped["rates"], rtol=1e-5)
    with pytest.raises(ConfigError, match=r"static, dynamic: expected shapes \(trials, 3\) and \(trials, bins, 2\)"):
        model.decode(plain["static"][:1], plain["dynamic"])


def test_fixed_latents_are_those_of_the_first_trial(model):
    batch = make_batch(model)
    plain = model.reconstruct(batch, push_mean=True)
    fixed = model.reconstruct(batch, fix_static=True, push_mean=True)
    np.testing.assert_array_equal(fixed["static"], np.repeat(plain["static"][:1], len(fixed["static"]), 0))
    np.testing.assert_array_equal(fixed["dynamic"], plain["dynamic"])


def test_latents_from_the_prior(model):
    batch = make_batch(model)
    drawn = model.reconstruct(batch, sample_static=True, push_mean=True, seed=4)
    np.testing.assert_array_equal(drawn["static"], model.sample_static_prior(len(batch["x"]), seed=4))
    drawn = model.reconstruct(batch, sample_dynamic=True, fix_dynamic=True, push_mean=True, seed=4)
    np.testing.assert_array_equal(drawn["dynamic"], np.repeat(drawn["dynamic"][:1], len(drawn["dynamic"]), 0))
    np.testing.assert_array_equal(drawn["dynamic"], model.sample_dynamic_prior(len(batch["x"]), T, fixed=True, seed=4))


def test_generated_trials(model):
    made = model.generate(5, 9, fix_static=True, seed=2)
    assert made["rates"].shape == (5, 9, N) and np.isfinite(made["rates"]).all()
    assert len(np.unique(made["static"], axis=0)) == 1 and len(np.unique(made["dynamic"], axis=0)) == 5
    np.testing.assert_array_equal(made["rates"], model.generate(5, 9, fix_static=True, seed=2)["rates"])
    other = model.generate(5, fix_dynamic=True, seed=3)
    assert other["rates"].shape == (5, T, N)
    assert len(np.unique(other["static"], axis=0)) == 5 and len(np.unique(other["dynamic"], axis=0)) == 1


def test_posterior_draws_have_the_posteriors_moments(model):
    batch = {"x": np.repeat(make_batch(model)["x"][:1], 3000, 0)}
    means = model.posterior({"x": batch["x"][:1]}, push_mean=True)
    drawn = model.sample_static_posterior(batch, seed=1)
    np.testing.assert_allclose(drawn.mean(0), means["f_loc"][0], atol=5 * means["f_scale"].max() / np.sqrt(3000))
    np.testing.assert_allclose(drawn.std(0), means["f_scale"][0], rtol=0.1)
    np.testing.assert_array_equal(drawn, model.sample_static_posterior(batch, seed=1))
    dynamic = model.sample_dynamic_posterior(batch, seed=1)
    assert dynamic.shape == (3000, T, 2) and dynamic.std(0).min() > 0
    np.testing.assert_array_equal(
        model.sample_dynamic_posterior(batch, push_mean=True)[0], model.posterior(batch, push_mean=True)["z_loc"][0]
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"swap_static": True, "sample_static": True}, "swap_static: expected False with sample_static = True"),
        ({"swap_dynamic": True, "fix_dynamic": True}, "swap_dynamic: expected False with fix_dynamic = True"),
    ],
)
def test_one_latent_comes_from_one_place(model, options, message):
    with pytest.raises(ConfigError, match=message):
        model.reconstruct(make_batch(model), **options)


def test_external_input_is_asked_for():
    model = tiny("dsae external input to the decoder")
    with pytest.raises(ConfigError, match=rf"ext_input: this model has a measured external input; .*bins, {U}\)"):
        model.generate(2, T)
    assert model.generate(2, T, ext_input=np.zeros((2, T, U)))["rates"].shape == (2, T, N)


def test_other_families_have_no_such_method():
    with pytest.raises(AttributeError, match="reconstruct"):
        tiny("fhvae lstm").reconstruct(np.zeros((1, T, N)))
