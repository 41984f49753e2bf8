from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import load_dataset, synthetic
from indl_vae.data.inspection import inspect_data
from indl_vae.data.synthetic.line_attractor import within
from indl_vae.errors import ConfigError


def test_the_truth_is_the_running_sum_of_the_input():
    dataset = synthetic.make("line-attractor", seed=1).dataset()
    assert [split.x.shape for split in dataset.splits.values()] == [(100, 200, 1), (20, 200, 1), (100, 200, 1)]
    for split in dataset.splits.values():
        pulses = split.ext_input
        assert pulses.shape == (split.n_trials, 200, 2) and set(np.unique(pulses)) == {0.0, 0.25}
        total = np.zeros(split.n_trials)
        for t in range(200):
            total += pulses[:, t, 0]
            total -= pulses[:, t, 1]
            np.testing.assert_array_equal(split.truth[:, t, 0], total)
        np.testing.assert_array_equal(split.truth, split.extras["latent"])
        assert 0.3 < split.truth.std() < 1.5 and np.abs(split.truth).max() <= 3.0
    assert dataset.spec.ext_input_dim == 2


def test_pulses_come_at_their_rate_and_stop_before_the_end():
    pulses = synthetic.make("line-attractor", n_train=2000, pulse_rate=0.1, limit=100.0).arrays["train_ext_input"]
    assert not pulses[:, 150:].any()
    found = (pulses[:, :150] > 0).mean((0, 1))
    np.testing.assert_allclose(found, 0.1, atol=5 * np.sqrt(0.09 / (2000 * 150)))
    both = (pulses[:, :150] > 0).all(-1).mean()
    assert both == pytest.approx(0.01, abs=0.001)  # the two inputs are independent


@pytest.mark.parametrize(("split", "noise"), [("train", 0.2), ("valid", 0.2), ("test", 0.0)])
def test_noise(split, noise):
    arrays = synthetic.make("line-attractor", noise=0.2, n_valid=100).arrays
    rest = arrays[f"{split}_data"].astype(float) - arrays[f"{split}_truth"]
    assert rest.std() == pytest.approx(noise, rel=0.03)


def test_pulses_beyond_the_limit_are_left_out():
    up, both = [1.0, 0.0], [1.0, 1.0]
    pulses = np.array([[up, up, up, both, [0.0, 1.0], up]])
    kept = within(pulses, 2.0)
    np.testing.assert_array_equal(kept[0], [up, up, [0.0, 0.0], both, [0.0, 1.0], up])
    assert pulses[0, 2, 0] == 1.0  # the array given stays as it is
    many = synthetic.make("line-attractor", pulse_rate=0.5, n_bins=400, hold_bins=0, limit=1.0).arrays
    assert np.abs(many["train_truth"]).max() == 1.0
    difference = many["train_ext_input"][:, :, 0] - many["train_ext_input"][:, :, 1]
    np.testing.assert_array_equal(many["train_truth"][:, :, 0], np.cumsum(difference, axis=1))


def test_a_file_keeps_the_input_and_the_seed_decides(tmp_path):
    (file,) = synthetic.write("line-attractor", tmp_path / "l.h5", seed=3)
    found, expected = load_dataset(file, likelihood="gaussian"), synthetic.make("line-attractor", seed=3).dataset()
    for split in ("train", "valid", "test"):
        np.testing.assert_array_equal(found.splits[split].x, expected.splits[split].x)
        np.testing.assert_array_equal(found.splits[split].ext_input, expected.splits[split].ext_input)
    other = synthetic.make("line-attractor", seed=4).dataset()
    assert not np.array_equal(other.test.ext_input, expected.test.ext_input)
    assert not np.array_equal(expected.test.ext_input, expected.train.ext_input)
    more = synthetic.make("line-attractor", seed=3, n_train=10).dataset()
    np.testing.assert_array_equal(more.test.x, expected.test.x)
    (summary,) = inspect_data(file).sessions
    assert summary.problem is None and summary.warnings == () and summary.likelihood == "gaussian"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pulse_rate": 0.0}, "pulse_rate: 0.0, expected a probability above 0 and below 1"),
        ({"pulse": 0.0}, "pulse: 0.0, expected a height above 0"),
        ({"limit": 0.1}, "limit: 0.1, expected at least the height of a pulse, 0.25"),
        ({"hold_bins": 200}, "hold_bins: 200, expected fewer than n_bins 200"),
        ({"noise": -1.0}, "noise: -1.0, expected a standard deviation from 0 up"),
        ({"bin_width_s": 0.0}, "bin_width_s: 0.0, expected a number above 0"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(ConfigError, match=message):
        synthetic.make("line-attractor", **options)
