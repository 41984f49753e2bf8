from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import load_dataset, synthetic
from indl_vae.data.synthetic.double_well import simulate
from indl_vae.errors import ConfigError


@pytest.fixture(scope="module")
def large():
    return synthetic.make("double-well", n_train=4000, n_valid=1, n_test=1).arrays


def test_moments_are_those_of_the_published_simulation(large):
    states, latent = large["train_dynamic_label"], large["train_latent"]
    switch = np.where(states.any(1), states.argmax(1), states.shape[1] - 1)
    assert states.mean() == pytest.approx(0.6678, abs=0.005)
    assert switch.mean() == pytest.approx(24.92, abs=0.2) and switch.std() == pytest.approx(2.17, abs=0.25)
    np.testing.assert_allclose(latent.mean((0, 1)), [0.0, 0.3234, -0.2306, 0.0], atol=0.02)
    np.testing.assert_allclose(latent.std((0, 1)), [0.4269, 0.1551, 0.5660, 0.0303], atol=0.015)
    assert large["train_truth"].std() == pytest.approx(0.5932, abs=0.01)
    np.testing.assert_allclose(latent[:, 1, :3].mean(0), [0.0, 0.4625, -0.6797], atol=0.002)
    decided = latent[np.arange(4000), switch, 0] > 0
    assert (decided == large["train_condition"]).mean() > 0.995
    assert (np.diff(states, axis=1) >= 0).all()


def test_read_out_is_that_of_the_published_simulation(large):
    readout = np.random.RandomState(0).normal(size=(2, 50, 2))
    np.testing.assert_allclose(readout[:, 0], [[1.7641, 0.4002], [1.8832, -1.3478]], atol=1e-4)
    np.testing.assert_allclose(large["train_truth"][..., 50:], large["train_latent"][..., 2:] @ readout[1].T, atol=1e-5)


def test_messages_are_what_moves_the_regions():
    clicks = 0.55 * np.random.default_rng(1).integers(-1, 2, (20, 75)).astype(float)
    paths = simulate(np.random.default_rng(0), clicks, process_noise=0.0)
    moved = np.diff(paths.latent.reshape(20, 75, 2, 2), axis=1)
    scale = np.where(paths.states[:, :-1], 0.06, 0.075)
    drive = np.zeros((20, 74, 2, 2))
    drive[..., 0, 0] = scale * clicks[:, :-1]
    np.testing.assert_allclose(paths.messages[:, 1:].sum(3) + drive, moved, atol=1e-12)
    before, after = paths.states[:, :-1] == 0, paths.states[:, :-1] == 1
    to_first, to_second = paths.messages[:, 1:, 0, 1], paths.messages[:, 1:, 1, 0]
    assert not to_first[before].any() and to_second[before][:, 0].all()
    assert to_first[after][:, 1].all() and not to_second[after].any()
    np.testing.assert_allclose(to_second[:, 0, 0], 0.125 * 0.75 * 0.5)


def test_an_input_comes_in_the_bin_that_it_enters_or_one_before():
    now, before = (synthetic.make("double-well", seed=2, input_lag=lag).arrays["valid_ext_input"] for lag in (0, 1))
    np.testing.assert_array_equal(now[:, 1:, 0], before[:, :-1, 0])
    states = synthetic.make("double-well", seed=2).arrays["valid_dynamic_label"]
    switches = np.diff(states, axis=1, prepend=0)
    np.testing.assert_array_equal(now[:, 1:, 1], switches[:, :-1])  # in the first step that the new state rules
    np.testing.assert_array_equal(before[:, :-1, 1], switches[:, 1:])
    assert set(np.round(np.unique(now[..., 0]) / 0.55, 6) % 1) == {0.0}


def test_noise_and_seed_and_file(tmp_path):
    arrays = synthetic.make("double-well", seed=3, noise=0.2).arrays
    assert (arrays["train_data"] - arrays["train_truth"]).std() == pytest.approx(0.2, rel=0.03)
    np.testing.assert_array_equal(arrays["test_data"], arrays["test_truth"])
    (file,) = synthetic.write("double-well", tmp_path / "d.h5", seed=3)
    found = load_dataset(file, likelihood="gaussian")
    assert found.region_sizes == (50, 50)
    np.testing.assert_array_equal(found.test.x, arrays["test_data"])
    np.testing.assert_array_equal(found.test.extras["messages"], arrays["test_messages"])
    np.testing.assert_array_equal(found.test.extras["dynamic_label"][..., 0], arrays["test_dynamic_label"])
    assert not np.array_equal(found.test.x, synthetic.make("double-well", seed=4).arrays["test_data"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bins": 19}, "n_bins: 19, expected at least 20, in which the clicks come"),
        ({"noise": -0.1}, "noise, process_noise: -0.1 and 1.0, expected numbers from 0 up"),
        ({"process_noise": -1.0}, "noise, process_noise: 0.1 and -1.0"),
        ({"input_lag": 2}, "input_lag: 2, expected 0 or 1"),
        ({"bin_width_s": 0.0}, "bin_width_s: 0.0, expected a number above 0"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ConfigError, match=message):
        synthetic.make("double-well", **options)
