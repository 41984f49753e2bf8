"""Training by forcing against plain loops: what the network sees, and what is read out."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.data import Dataset
from indl_vae.errors import ConfigError
from indl_vae.models import build_model
from indl_vae.models.forcing_interval import forcing_interval
from indl_vae.typing import DataSpec

B, T, N, M = 3, 8, 2, 5


def made(**options):
    settings = {"z_latent_size": M, "n_bases": 3, "jit_compile": False, "seed": 2, "scale_channels": False}
    model = build_model(make_params("dendplrnn", {**settings, **options}), DataSpec(N, T))
    rng = np.random.default_rng(4)
    for weight in model.trainable_weights:
        weight.assign(weight + 0.2 * rng.normal(size=weight.shape))
    return model


def plain_run(model, x, observed, interval, alpha):
    """One trial, one bin after the other."""
    step, complete = model.core.get_layer("rollout").step, model.core.get_layer("z0")
    z = np.concatenate([x[0], x[0] @ complete.kernel.numpy()])
    states = [z]
    for t in range(len(x) - 1):
        forced = z.copy()
        for n in range(N):
            if t > 0 and t % interval == 0 and observed[t, n]:
                forced[n] += alpha * (x[t, n] - forced[n])
        z = step(forced[None].astype("f4")).numpy()[0]
        states.append(z)
    return np.array(states)


@pytest.mark.parametrize(
    ("options", "interval", "alpha"),
    [
        ({"training": "teacher_forcing", "forcing_interval": 3}, 3, 1.0),
        ({"training": "generalized_teacher_forcing", "forcing_alpha": 0.3}, 1, 0.3),
    ],
)
def test_states_are_corrected_when_and_where_there_are_data(rng, options, interval, alpha):
    model = made(**options)
    x = rng.normal(size=(B, T, N)).astype("f4")
    mask = np.ones((B, T, N), "f4")
    mask[1, 3, 0] = mask[2, 6] = 0.0
    outputs = model({"x": np.where(mask > 0, x, np.nan), "mask": mask})
    for b in range(B):
        expected = plain_run(model, x[b].astype(float), mask[b] > 0, interval, alpha)
        np.testing.assert_allclose(outputs["gen_states"][b], expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(outputs["rates"], outputs["gen_states"][..., :N], rtol=1e-5)


def test_inverse_forcing_sets_all_states_to_the_least_squares_ones(rng):
    model = made(training="teacher_forcing", forcing_signal="inverse", forcing_interval=2)
    x = rng.normal(size=(B, T, N)).astype("f4")
    kernel = model.core.get_layer("readout").kernel.numpy()
    states = model(x)["gen_states"].numpy()
    told = x @ np.linalg.pinv(kernel)
    np.testing.assert_allclose(states[:, 0], told[:, 0], rtol=1e-3, atol=1e-3)
    step = model.core.get_layer("rollout").step
    np.testing.assert_allclose(states[:, 3], step(told[:, 2]), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(states[:, 4], step(states[:, 3]), rtol=1e-3, atol=1e-3)


def test_inverse_forcing_of_more_channels_than_states(rng):
    settings = {"z_latent_size": 2, "n_bases": 2, "jit_compile": False, "scale_channels": False}
    params = make_params(
        "dendplrnn", settings, training="teacher_forcing", forcing_signal="inverse", forcing_interval=2
    )
    model = build_model(params, DataSpec(4, T))
    x = rng.normal(size=(B, T, 4)).astype("f4")
    told = x @ np.linalg.pinv(model.core.get_layer("readout").kernel.numpy())
    np.testing.assert_allclose(model(x)["gen_states"][:, 0], told[:, 0], rtol=1e-3, atol=1e-3)


def test_an_encoder_forces_its_states_and_its_terms_are_what_they_say(rng):
    model = made(training="svae_forced", forced_states=2, forcing_interval=2, gaussian_scale="fixed")
    x = rng.normal(size=(B, T, N)).astype("f4")
    outputs = model.all_outputs(x)
    states, z = outputs["gen_states"].numpy(), outputs["z_loc"].numpy()
    step = model.core.get_layer("rollout").step
    forced = states[:, 2].copy()
    forced[:, :2] = z[:, 2]
    np.testing.assert_allclose(states[:, 3], step(forced), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(outputs["_consistency"], ((z[:, 1:] - states[:, 1:, :2]) ** 2).sum((1, 2)), rtol=1e-4)
    np.testing.assert_allclose(outputs["_neg_entropy"], -np.log(outputs["z_scale"]).sum((1, 2)), rtol=1e-4)
    kernel = model.core.get_layer("readout").kernel.numpy()
    nll = 0.5 * ((x - z @ kernel) ** 2).sum((1, 2)) + 0.5 * T * N * np.log(2 * np.pi)
    np.testing.assert_allclose(outputs["_encoder_nll"], nll, rtol=1e-3)


def test_noise_on_what_forces_is_drawn_in_training_alone(rng):
    model = made(training="teacher_forcing", forcing_interval=1, input_noise=0.5)
    x = rng.normal(size=(B, T, N)).astype("f4")
    np.testing.assert_array_equal(model(x)["rates"], model(x)["rates"])
    first, second = (model(x, training=True)["rates"].numpy() for _ in range(2))
    assert not np.allclose(first, second)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"training": "teacher_forcing", "likelihood": "poisson"}, "Choose training = 'svae_forced'"),
        ({"training": "teacher_forcing", "readout": "relu"}, "expected 'identity' with forcing_signal = 'identity'"),
        ({"training": "teacher_forcing", "forcing_signal": "inverse", "readout": "relu"}, "expected 'linear' with"),
        ({"training": "svae_forced", "forced_states": 9}, "expected at most z_latent_size = 5, got 9"),
        ({"training": "svae_forced", "readout": "identity"}, "expected 'linear' or 'relu' with training"),
        ({"z_latent_size": 0}, "z_latent_size: expected at least 1, got 0"),
        ({"forcing_interval": 0}, "forcing_interval: expected at least 1 bin, or 'auto', got 0"),
        ({"forcing_interval": "often"}, "forcing_interval: expected at least 1 bin, or 'auto', got 'often'"),
        ({"latent_step": "almost_linear", "n_rectified": 6}, "n_rectified: expected at most z_latent_size = 5, got 6"),
        ({"latent_step": "dendritic", "n_bases": 0}, "n_bases: expected at least 1 with latent_step = 'dendritic'"),
        ({"training": "teacher_forcing", "select_on": "elbo"}, "'elbo' expects training = 'svae'"),
        ({"training": "teacher_forcing", "z_latent_size": 1}, "z_latent_size: expected at least 2, the number of obs"),
        ({"training": "teacher_forcing", "gaussian_scale": "per_bin"}, "Set gaussian_scale = 'per_channel'"),
    ],
)
def test_what_does_not_go_together_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        made(**options)


def test_the_interval_is_that_of_the_slowest_loss_of_memory():
    """A sine's autocorrelation falls to 1/e after arccos(1/e) / 2 pi of its period."""
    bins = np.arange(5000)
    x = np.stack([np.sin(2 * np.pi * bins / 80), np.sin(2 * np.pi * bins / 80 + 1.0)], -1)[None]
    expected = int(np.ceil(np.arccos(1 / np.e) / (2 * np.pi) * 80))
    assert forcing_interval(x) <= expected
    noise = np.random.default_rng(0).normal(size=(1, 5000, 2))
    assert forcing_interval(noise) == 1
    walk = np.zeros((1, 20_000, 1))
    for t in range(1, 20_000):
        walk[0, t] = 0.95 * walk[0, t - 1] + np.random.default_rng(t).normal()
    assert 12 <= forcing_interval(walk) <= 24  # 1/e after 1 / -log 0.95 = 19.5


def test_a_model_built_of_data_takes_its_interval_from_them():
    bins = np.arange(400)
    x = np.stack([np.sin(2 * np.pi * bins / 60), np.cos(2 * np.pi * bins / 60)], -1)[None].repeat(3, 0).astype("f4")
    data = Dataset.from_arrays({"x": x}, {"x": x[:1]}, likelihood="gaussian")
    params = make_params("dendplrnn", z_latent_size=3, n_bases=2, training="teacher_forcing", jit_compile=False)
    model = build_model(params, data)
    assert float(model.core.get_layer("rollout").period) == forcing_interval(x)


@pytest.mark.parametrize("training", ["teacher_forcing", "generalized_teacher_forcing", "svae_forced"])
def test_one_bin_has_no_next_one(training):
    with pytest.raises(ConfigError, match=f"training: '{training}' goes from bin to bin, .*at least 2 bins, got 1"):
        build_model(make_params("dendplrnn", training=training, jit_compile=False), DataSpec(4, 1))
