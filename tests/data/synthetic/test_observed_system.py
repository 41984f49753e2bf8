from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import load_dataset, synthetic
from indl_vae.data.inspection import inspect_data
from indl_vae.data.synthetic import bursting_neuron, lorenz63, rate_network
from indl_vae.data.synthetic.lorenz import slope as lorenz_slope
from indl_vae.data.synthetic.ode import trajectories
from indl_vae.data.synthetic.set_options import options_for
from indl_vae.errors import ConfigError

SIZES = {"n_train": 6, "n_valid": 3, "n_test": 4, "n_bins": 50}
SYSTEMS = {"lorenz63": 3, "lorenz96": 10, "rossler": 3, "bursting-neuron": 3, "rate-network": 50}


def arrays_of(name="lorenz63", **options):
    return synthetic.make(name, **SIZES, **options).arrays


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", SYSTEMS)
def test_a_set_is_standardised_written_and_read_back(tmp_path, name):
    made = synthetic.make(name, seed=1, **SIZES)
    (file,) = synthetic.write(name, tmp_path / "one.h5", seed=1, **SIZES)
    assert made.likelihood == "gaussian" and made.name == name.replace("-", "_")
    found, expected = load_dataset(file, likelihood="gaussian"), made.dataset()
    for split, n_trials in (("train", 6), ("valid", 3), ("test", 4)):
        one = expected.splits[split]
        assert one.x.shape == one.truth.shape == one.extras["latent"].shape == (n_trials, 50, SYSTEMS[name])
        np.testing.assert_array_equal(found.splits[split].x, one.x)
        # The factor is 1: what is loaded as expected value per bin is the stored, noise-free value.
        np.testing.assert_array_equal(one.truth, made.arrays[f"{split}_truth"])
        np.testing.assert_array_equal(one.truth, one.extras["latent"])
    np.testing.assert_allclose(expected.train.truth.mean((0, 1), dtype=float), 0.0, atol=1e-5)
    np.testing.assert_allclose(expected.train.truth.std((0, 1), dtype=float), 1.0, atol=1e-5)
    (summary,) = inspect_data(file).sessions
    assert summary.problem is None and summary.warnings == () and summary.likelihood == "gaussian"


def test_training_trials_are_one_trajectory_of_the_system():
    arrays = arrays_of(seed=2, burn_in=300)
    flat = arrays["train_latent"].reshape(300, 3)
    other = trajectories(lorenz_slope, lorenz63._start(np.random.default_rng([2, 2]), 1), 300, 0.01, 300)[0]
    np.testing.assert_allclose(flat, (other - other.mean(0)) / other.std(0), rtol=1e-4, atol=1e-5)
    # A step from the last bin of a trial leads to the first bin of the next one.
    raw = flat.astype(float) * other.std(0) + other.mean(0)
    stepped = trajectories(lorenz_slope, raw[49::50][:-1], 2, 0.01)[:, 1]
    np.testing.assert_allclose(stepped, raw[50::50], atol=1e-4)


def test_a_bin_of_the_bursting_neuron_is_two_steps():
    found = arrays_of("bursting-neuron", seed=2, burn_in=0)["train_latent"].reshape(300, 3)
    start = bursting_neuron._start(np.random.default_rng([2, 2]), 1)
    fine = trajectories(bursting_neuron.slope, start, 600, 0.05)[0, ::2]
    np.testing.assert_allclose(found, (fine - fine.mean(0)) / fine.std(0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("split", "noise"), [("train", 0.1), ("valid", 0.1), ("test", 0.0)])
def test_noise(split, noise):
    arrays = synthetic.make("lorenz63", n_train=8, n_valid=8, n_test=8, n_bins=500, noise=0.1).arrays
    rest = arrays[f"{split}_data"].astype(float) - arrays[f"{split}_truth"]
    assert rest.std() == pytest.approx(noise, rel=0.03) and abs(rest.mean()) <= 5 * noise / np.sqrt(rest.size)
    if noise:
        assert np.abs(np.corrcoef(rest.reshape(-1, 3).T) - np.eye(3)).max() < 0.06


@pytest.mark.parametrize(("name", "noise"), [("lorenz63", 0.01), ("bursting-neuron", 0.1), ("rate-network", 0.01)])
def test_default_noise(name, noise):
    arrays = arrays_of(name)
    assert (arrays["train_data"] - arrays["train_truth"]).std() == pytest.approx(noise, rel=0.15)


def test_splits_are_independent_trajectories_in_streams_of_their_own():
    arrays = arrays_of(seed=5)
    starts = np.concatenate([arrays[f"{split}_truth"][:, 0] for split in ("valid", "test")])
    distances = np.linalg.norm(starts[:, None] - starts[None], axis=-1) + 9 * np.eye(len(starts))
    assert distances.min() > 0.02
    more = synthetic.make("lorenz63", seed=5, **SIZES | {"n_valid": 7}).arrays
    for key in ("train_data", "test_data"):
        np.testing.assert_array_equal(arrays[key], more[key])


@pytest.mark.parametrize("name", ["lorenz63", "rate-network"])
def test_seed_decides(name):
    first, again, other = (arrays_of(name, seed=seed) for seed in (1, 1, 2))
    for key in ("train_data", "valid_data", "test_data", "train_latent"):
        np.testing.assert_array_equal(first[key], again[key])
        assert (first[key] != other[key]).any()


@pytest.mark.parametrize(("observed", "columns"), [((2, 0), [2, 0]), (1, [1]), ([0], [0])])
def test_partial_observation_is_columns_of_the_whole(observed, columns):
    whole, part = arrays_of(noise=0.3), arrays_of(noise=0.3, observed=observed)
    for split in ("train", "valid", "test"):
        for key in ("data", "truth"):
            np.testing.assert_array_equal(part[f"{split}_{key}"], whole[f"{split}_{key}"][:, :, columns])
        np.testing.assert_array_equal(part[f"{split}_latent"], whole[f"{split}_latent"])


def test_delay_coordinates_are_the_channel_later():
    arrays = arrays_of(observed=1, delays=3, delay_bins=7)
    for key in ("train_data", "valid_data", "test_truth"):
        x = arrays[key]
        assert x.shape[1:] == (50, 3)
        np.testing.assert_array_equal(x[:, :-7, 1], x[:, 7:, 0])
        np.testing.assert_array_equal(x[:, :-14, 2], x[:, 14:, 0])
    # Training trials are one trajectory: what lies behind a trial's end is the next one's begin.
    flat = arrays["train_data"].reshape(-1, 3)
    np.testing.assert_array_equal(flat[:-14, 2], flat[14:, 0])
    undelayed = arrays_of(observed=1)
    np.testing.assert_array_equal(arrays["train_data"][:, :, :1], undelayed["train_data"])
    np.testing.assert_array_equal(arrays["test_truth"][:, :, :1], undelayed["test_truth"])


def test_test_trials_are_spread_over_the_attractor():
    # Known moments of the Lorenz attractor: deviations 7.92, 9.01, 8.63; starts that hang on near a fixed point show in
    # the last one.
    made = synthetic.make("lorenz63", seed=3, n_train=1, n_valid=1, n_test=300, n_bins=1000).arrays
    test = made["test_truth"].reshape(-1, 3).std(0)
    assert test[2] / test[0] * made_ratio(3) == pytest.approx(8.63 / 7.92, rel=0.03)


def made_ratio(seed):
    """Deviation of z over that of x in the one training trial, by which both were divided."""
    start = lorenz63._start(np.random.default_rng([seed, 2]), 1)
    std = trajectories(lorenz_slope, start, 1000, 0.01, 1000)[0].std(0)
    return std[2] / std[0]


def test_bursts_are_resolved():
    made = synthetic.make("bursting-neuron", n_train=1, n_valid=1, n_test=20, n_bins=2000).arrays
    x = made["test_truth"][:, :, 0]
    high = x > 1.6  # membrane potential above about 0
    rises = (high[:, 1:] & ~high[:, :-1]).sum(1)
    assert rises.min() >= 2 and 15 < high.sum() / rises.sum() < 30
    silences = [np.diff(np.flatnonzero(row)).max() for row in high]
    assert np.median(silences) > 400


def test_a_network_whose_attractor_has_a_mirror_image_is_drawn_again():
    # The first network of seed 5 that moves at all keeps to one side; the one taken does not.
    slope = rate_network.slope_of(rate_network.draw_weights(5, 50, 1.5))
    states = trajectories(slope, np.random.default_rng(0).normal(size=(6, 50)), 3000, 0.2, burn_in=1000)
    assert np.abs(states.mean(1)).mean() < 0.1 and states.std(1).min() > 0.05


def test_other_sizes():
    assert synthetic.make("lorenz96", n_dims=5, **SIZES).arrays["train_data"].shape == (6, 50, 5)
    assert synthetic.make("rate-network", n_units=60, **SIZES).arrays["test_data"].shape == (4, 50, 60)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("lorenz63", {"noise": -0.1}, "noise: -0.1, expected a standard deviation from 0 up"),
        ("lorenz63", {"dt": 0.0}, "dt: 0.0, expected a number above 0"),
        ("lorenz63", {"bin_width_s": -1.0}, "bin_width_s: -1.0, expected a number above 0"),
        ("lorenz63", {"dt": 1.0}, "dt: 1.0, with which a trajectory of lorenz63 leaves every bound"),
        ("lorenz63", {"observed": 3}, "observed: 3, expected different dimensions from 0 to 2, such as 1"),
        ("lorenz63", {"observed": (0, 0)}, r"observed: \(0, 0\), expected different dimensions"),
        ("lorenz63", {"observed": ()}, r"observed: \(\), expected different dimensions"),
        ("lorenz63", {"observed": "x"}, "observed: 'x', expected different dimensions"),
        ("lorenz63", {"observed": True}, "observed: True, expected different dimensions"),
        ("lorenz63", {"delays": 3}, r"delays: 3 with observed dimensions \[0, 1, 2\], expected one dimension"),
        ("lorenz63", {"observed": 1, "delays": 3, "delay_bins": 0}, "delay_bins: 0, expected a number of bins from 1"),
        ("lorenz63", {"delays": -1}, "delays: -1, expected a whole number from 0"),
        ("lorenz96", {"n_dims": 3}, "n_dims: 3, expected at least 4"),
        ("rate-network", {"n_units": 3, "gain": 0.1}, "gain: 0.1 with n_units 3: none of 100 networks keeps moving"),
    ],
)
def test_options_that_cannot_be(name, options, message):
    with pytest.raises(ConfigError, match=message):
        synthetic.make(name, **SIZES | options)


def test_a_trajectory_that_does_not_move_is_not_standardised():
    with pytest.raises(ConfigError, match="n_bins: the 1 training bins do not move in dimension 0"):
        synthetic.make("lorenz63", **SIZES | {"n_train": 1, "n_bins": 1})


def test_all_names_these_sets_and_gives_them_their_options():
    small = SIZES | {"n_conditions": 1}
    for name in SYSTEMS:
        function = synthetic.SYNTHETIC.get(name.replace("-", "_"))
        assert function.__name__ in synthetic.names()
        assert options_for(function, small) == SIZES
