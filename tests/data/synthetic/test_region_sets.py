"""The set of predator and prey, and that of three networks."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import load_dataset, synthetic
from indl_vae.data.synthetic.lotka_volterra import draw_states
from indl_vae.data.synthetic.lotka_volterra import simulate as run_pair
from indl_vae.data.synthetic.rnn_regions import make_drives, make_networks, simulate
from indl_vae.errors import ConfigError


@pytest.fixture(scope="module")
def pairs():
    return synthetic.make("lotka-volterra", n_train=200, n_valid=20, n_test=20, offset=1.0).arrays


def test_moments_are_those_of_the_published_simulation(pairs):
    latent = pairs["train_latent"]
    np.testing.assert_allclose(latent.mean((0, 1)), [0.848, 0.597], atol=0.08)
    np.testing.assert_allclose(latent.std((0, 1)), [0.640, 0.527], atol=0.08)
    assert latent.min() > -0.01 and latent.max() < 5.5
    assert pairs["train_truth"].std() == pytest.approx(1.376, abs=0.15)
    assert pairs["train_dynamic_label"].mean() == pytest.approx(0.43, abs=0.03), "0.358 in 20 trials"


def test_what_is_conserved_within_a_state_is_conserved():
    alpha, beta, gamma, delta = 2.0 / 3.0, 4.0 / 3.0, 1.0, 1.0
    latent = run_pair(np.array([[1.1, 1.2]]), np.zeros((1, 40), np.int64))[0]
    a, b = latent.T
    kept = delta * a - gamma * np.log(a) + beta * b - alpha * np.log(b)
    np.testing.assert_allclose(kept, kept[0], rtol=0.01)
    assert a.std() > 0.1


def test_each_region_sees_one_of_the_pair(pairs):
    plain = synthetic.make("lotka-volterra", n_train=5, n_valid=2, n_test=2, n_bins=60).arrays
    truth, latent = plain["test_truth"], plain["test_latent"]
    for channels, own in ((slice(0, 50), 1), (slice(50, 100), 0)):
        values = truth[..., channels].reshape(-1, 50)
        fit = np.linalg.lstsq(latent[..., [own]].reshape(-1, 1), values, rcond=None)
        np.testing.assert_allclose(latent[..., [own]].reshape(-1, 1) @ fit[0], values, atol=1e-4)
    assert plain["region_sizes"].tolist() == [50, 50]
    moved = pairs["train_truth"] - pairs["train_truth"].mean(1, keepdims=True)
    assert moved.std() < pairs["train_truth"].std() - 0.2  # offsets of trials


def test_states_switch_one_to_three_times():
    states = draw_states(np.random.default_rng(1), 20_000, 150)
    switches = np.abs(np.diff(states, axis=1)).sum(1)
    assert not states[:, 0].any() and set(switches) == {0, 1, 2, 3} and (switches == 0).mean() < 0.02
    cue = [synthetic.make("lotka-volterra", n_train=5, n_valid=2, n_test=2, input_lag=lag).arrays for lag in (0, 1)]
    np.testing.assert_array_equal(cue[0]["test_ext_input"][:, 1:], cue[1]["test_ext_input"][:, :-1])
    expected = np.abs(np.diff(cue[0]["test_dynamic_label"], axis=1, prepend=0))
    np.testing.assert_array_equal(cue[0]["test_ext_input"][..., 0], expected)


def test_three_networks():
    arrays = synthetic.make("rnn-regions", n_train=3, n_valid=1, n_test=1).arrays
    truth = arrays["train_truth"].reshape(3, 400, 3, 100)
    np.testing.assert_allclose(np.abs(truth).max((0, 1, 3)), 1.0, rtol=1e-5)
    assert ((truth.std((0, 1, 3)) > 0.25) & (truth.std((0, 1, 3)) < 0.7)).all()
    norms = arrays["train_messages"].mean((0, 1))[..., 0]
    assert arrays["train_messages"].shape == (3, 400, 3, 5, 1) and arrays["train_ext_input"].shape == (3, 400, 4)
    for to in range(3):
        others = [source for source in range(3) if source != to]
        assert (norms[to, others] > 0).all() and (norms[to, others] < 0.05 * norms[to, to]).all()
    assert (norms[:, 3] > 0).tolist() == [False, True, False] and (norms[:, 4] > 0).tolist() == [False, False, True]


def test_messages_add_up_to_the_next_state():
    networks = make_networks(np.random.default_rng(0), 20, 60)
    activity, norms = simulate(np.random.default_rng(1), networks, 2)
    assert activity.shape == (2, 20, 60) and norms.shape == (2, 20, 3, 5, 1)
    assert networks.links.sum(-1)[~np.eye(3, dtype=bool)].tolist() == [1.0] * 6
    assert (np.abs(networks.drives).max(1) > 0).sum(1).tolist() == [10, 10]


def test_drives_stop_and_change():
    sequence, pattern = make_drives(50, 1200)
    assert (np.diff(sequence[800:], axis=0) == 0).all() and (np.diff(sequence[:190], axis=0) == 0).all()
    assert (np.abs(np.diff(pattern, axis=0)).max(1) > 0).sum() == 1
    assert sequence.min() >= 0 and sequence.max() <= 1 and pattern.max() <= 0


@pytest.mark.parametrize("name", ["lotka-volterra", "rnn-regions"])
def test_a_file_keeps_it_all_and_the_seed_decides(name, tmp_path):
    options = {"n_train": 3, "n_valid": 2, "n_test": 2, "n_bins": 60}
    (file,) = synthetic.write(name, tmp_path / "d.h5", seed=3, **options)
    found, arrays = load_dataset(file, likelihood="gaussian"), synthetic.make(name, seed=3, **options).arrays
    np.testing.assert_array_equal(found.test.x, arrays["test_data"])
    np.testing.assert_array_equal(found.test.ext_input, arrays["test_ext_input"])
    assert found.region_sizes == tuple(arrays["region_sizes"])
    assert not np.array_equal(found.test.x, synthetic.make(name, seed=4, **options).arrays["test_data"])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("lotka-volterra", {"n_bins": 20}, "n_bins: 20, expected more than 20: no switch"),
        ("lotka-volterra", {"offset": -1.0}, "noise, process_noise, offset: 0.1, 0.001 and -1.0, expected numbers"),
        ("lotka-volterra", {"input_lag": 2}, "input_lag: 2, expected 0 or 1"),
        ("lotka-volterra", {"bin_width_s": 0.0}, "bin_width_s: 0.0, expected a number above 0"),
        ("rnn-regions", {"n_units": 5}, "n_units, n_bins: 5 and 400, expected at least 10 and 20"),
        ("rnn-regions", {"noise": -1.0}, "noise: -1.0, expected a standard deviation from 0 up"),
        ("rnn-regions", {"bin_width_s": 0.0}, "bin_width_s: 0.0, expected a number above 0"),
    ],
)
def test_options_out_of_range(name, options, message):
    with pytest.raises(ConfigError, match=message):
        synthetic.make(name, **options)
