"""A trained network that runs by itself, and the map that analyses take."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.models import build_model
from indl_vae.typing import DataSpec

N, M, T = 2, 4, 6


def made(n_inputs=0, **options):
    params = make_params("dendplrnn", {"z_latent_size": M, "n_bases": 3, "jit_compile": False, "seed": 2, **options})
    return build_model(params, DataSpec(N, T, n_inputs))


@pytest.mark.parametrize("training", ["svae", "teacher_forcing", "svae_forced"])
def test_a_free_run_repeats_the_map_and_reads_its_states_out(rng, training):
    model, start = made(training=training), rng.normal(size=(3, M)).astype("f4")
    run, latent_map, z = model.free_run(5, start=start), model.latent_map(), start
    for t in range(5):
        z = latent_map.step(z)
        np.testing.assert_allclose(run["gen_states"][:, t], z, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(run["rates"], model.read_out(run["gen_states"]), rtol=1e-4, atol=1e-5)
    assert run["rates"].shape == (3, 5, N)
    later = model.free_run(2, start=start, drop=3)
    np.testing.assert_allclose(later["rates"], run["rates"][:, 3:], rtol=1e-4, atol=1e-5)


def test_random_starts_are_a_function_of_the_seed():
    model = made()
    first, again, other = (model.free_run(3, n=2, seed=seed)["rates"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_states_of_trials_are_posterior_means_or_forced_ones(rng):
    x = rng.normal(size=(3, T, N)).astype("f4")
    model = made()
    np.testing.assert_allclose(model.states(x), model(x)["z_loc"], rtol=1e-6)
    forced = made(training="teacher_forcing")
    np.testing.assert_allclose(forced.states(x)[..., N:], forced(x)["gen_states"][..., N:], rtol=1e-6)
    scale = forced.core.get_layer("forcing_scale")
    np.testing.assert_allclose(forced.states(x)[..., :N], scale(x), rtol=1e-6)


def test_an_external_input_is_asked_for(rng):
    model = made(n_inputs=1)
    with pytest.raises(ConfigError, match=r"ext_input: this model has a measured external input; pass an array"):
        model.free_run(3)
    inputs = rng.normal(size=(1, 3, 1)).astype("f4")
    assert not np.allclose(
        model.free_run(3, ext_input=inputs)["rates"], model.free_run(3, ext_input=0 * inputs)["rates"]
    )


def test_prior_draws_have_noise_only_where_there_is_a_prior():
    svae, forced = made(), made(training="teacher_forcing")
    start = svae.sample_prior(1, seed=3)["gen_states"][:, :1]
    noisy, clean = (
        svae.sample_prior(1, seed=3)["gen_states"][:, 1:],
        svae.free_run(T - 1, start=start[:, 0])["gen_states"],
    )
    assert np.abs(noisy - clean).max() > 0.1
    drawn = forced.sample_prior(2, seed=3)["gen_states"]
    np.testing.assert_allclose(
        drawn[:, 1:], forced.free_run(T - 1, start=drawn[:, 0])["gen_states"], rtol=1e-3, atol=1e-4
    )


def test_held_out_bins_continue_by_the_dynamics(rng):
    model = made(heldout_bins=2)
    x = rng.normal(size=(3, T, N)).astype("f4")
    states, latent_map = model(x)["factors"].numpy(), model.latent_map()
    np.testing.assert_allclose(states[:, 4], latent_map.step(states[:, 3]), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(states[:, 5], latent_map.step(states[:, 4]), rtol=1e-3, atol=1e-4)
    changed = x.copy()
    changed[:, 4:] += 100.0
    np.testing.assert_array_equal(model(changed)["rates"], model(x)["rates"])


def test_a_frozen_observation_model_is_not_trained():
    names = {weight.path.split("/")[-2] for weight in made(fix_observation_model=True).trainable_weights}
    assert names == {"latent_step", "p_z"} or names == {"p_z", "latent_step"}
