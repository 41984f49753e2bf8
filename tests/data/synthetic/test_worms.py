"""Made worms: their moments are the published ones, their truth is what made them, and both file forms keep them."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from indl_vae.data.synthetic.worm_behavior import make_latents, oscillation, two_states
from indl_vae.data.synthetic.worm_lab_files import write_lab_files
from indl_vae.data.synthetic.worm_neurons import NeuronClasses, choose_neurons, draw_noise, encode
from indl_vae.data.synthetic.worms import make_worms
from indl_vae.data.worms import cut_worms, load_lab_worms, load_worms, write_worms
from indl_vae.data.worms.behaviors import LAB_SCALES
from indl_vae.errors import ConfigError
from tests.data.worms.worm_sets import assert_equal_sets


@pytest.fixture(scope="module")
def published():
    """As many animals as published, with fewer frames; moments over animals do not depend on these."""
    return make_worms(n_bins=400)


@pytest.fixture(scope="module")
def small():
    return make_worms(seed=5, n_animals=3, n_bins=120, n_classes=30)


def columns(made, name):
    return np.concatenate([getattr(one, name) for one in made.worms.recordings.values()])


def test_moments_of_behaviour_are_those_of_the_recordings(published):
    velocity, head, pumping = columns(published, "behavior").T
    assert velocity.std() == pytest.approx(0.066, abs=0.004) and velocity.mean() == pytest.approx(0.0139, abs=0.004)
    assert (velocity > 0).mean() == pytest.approx(0.65, abs=0.05)
    np.testing.assert_allclose(np.percentile(velocity, [5, 50, 95]), [-0.101, 0.033, 0.103], atol=0.012)
    assert head.std() == pytest.approx(0.494, abs=0.03) and head.mean() == pytest.approx(0.0, abs=0.02)
    assert pumping.std() == pytest.approx(1.28, abs=0.15)
    reverses = [one.behavior[:, 0] < -0.02 for one in published.worms.recordings.values()]
    assert np.mean(reverses) == pytest.approx(12.5 / 39.5, abs=0.04)


def test_numbers_of_neurons_are_those_of_the_recordings(published):
    recordings = published.worms.recordings.values()
    n = np.array([one.n_neurons for one in recordings])
    labeled = np.array([(one.identity > 0).sum() for one in recordings])
    assert len(n) == 40 and n.mean() == pytest.approx(137, abs=6) and n.std() == pytest.approx(12, abs=4)
    np.testing.assert_array_equal(labeled, np.round(0.6 * n))
    assert published.worms.n_identities == 155 and published.worms.labels[:2] == ("unknown", "N001")
    seen = np.mean([np.isin(np.arange(1, 155), one.identity) for one in recordings], 0)
    assert seen.std() > 0.2, "classes differ in how often they are identified"
    assert np.corrcoef(seen, published.classes.presence)[0, 1] > 0.9
    np.testing.assert_allclose(published.worms.behavior_divisor, list(LAB_SCALES.values()), rtol=1e-6)


def test_activity_is_the_truth_of_the_neurons_recorded(small):
    for uid, one in small.worms.recordings.items():
        classes = small.true_identity[uid] - 1
        np.testing.assert_array_equal(one.x, small.full[uid][:, classes])
        known = one.identity > 0
        np.testing.assert_array_equal(one.identity[known] - 1, classes[known])
        assert len(set(classes)) == one.n_neurons and 0 < known.sum() < one.n_neurons
        np.testing.assert_allclose(small.full[uid].mean(0), 0.0, atol=1e-5)
        np.testing.assert_allclose(small.full[uid].std(0), 1.0, rtol=1e-4)
        assert small.clean[uid].shape == (120, 30) and small.latents[uid].shape == (120, 3)
        assert one.segments == ((0, 60), (60, 120)) and one.dt == 0.6


def test_noise_is_what_is_not_clean(published):
    shares = np.array([published.clean[uid].var(0) for uid in published.worms.uids])
    assert 0.45 < np.median(shares) < 0.85
    residual = published.full["worm-01"] - published.clean["worm-01"]
    assert abs(np.corrcoef(residual[:, 0], residual[:, 1])[0, 1]) < 0.3
    quiet = make_worms(n_animals=1, n_bins=60, n_classes=8, noise=0.0)
    np.testing.assert_allclose(quiet.full["worm-01"], quiet.clean["worm-01"], atol=1e-5)


def test_hidden_signals_tell_what_behaviour_does_not(published):
    """Over behaviour now and before, the hidden signals explain much of what is left."""
    left, after = [], []
    for uid in published.worms.uids[:3]:
        behavior = published.worms.scaled_behavior(uid)
        past = [_averaged(np.c_[behavior, behavior * (behavior[:, :1] < 0)], s) for s in (0.0, 3.0, 10.0, 30.0)]
        known = np.c_[np.concatenate(past, 1), np.ones(len(behavior))]
        target = published.clean[uid]
        left.append(_residual(known, target))
        after.append(_residual(np.c_[known, published.latents[uid]], target))
    assert np.mean(left) > 0.2 and np.mean(after) < 0.35 * np.mean(left)


def _averaged(values, s):
    found = np.array(values, np.float64)
    for t in range(1, len(found)):
        found[t] = (values[t] + s * found[t - 1]) / (s + 1.0)
    return found


def _residual(known, target):
    rest = target - known @ np.linalg.lstsq(known, target, rcond=None)[0]
    return rest.var(0).sum() / target.var(0).sum()


def test_the_encoding_is_the_published_formula():
    rng = np.random.default_rng(0)
    tuning, decay, b = rng.normal(size=(2, 5)), np.array([0.5, 20.0]), np.array([1.0, -2.0])
    loadings, behavior, latents = rng.normal(size=(2, 1)), rng.normal(size=(50, 3)), rng.normal(size=(50, 1))
    found = encode(NeuronClasses(tuning, decay, b, b, loadings, b), behavior, latents) - latents @ loadings.T
    for n in range(2):
        c_vt, c_v, c_theta, c_p, c = tuning[n]
        for t in range(1, 50):
            v, theta, p = behavior[t]
            gain = ((c_vt + 1) - 2 * c_vt * (v < 0)) / np.sqrt(c_vt**2 + 1)
            drive = gain * (c_v * v + c_theta * theta + c_p * p + c)
            expected = (drive + decay[n] * (found[t - 1, n] - b[n])) / (decay[n] + 1) + b[n]
            assert found[t, n] == pytest.approx(expected, abs=1e-9)


def test_states_last_as_long_as_they_should():
    states = two_states(np.random.default_rng(0), 60_000, (27.0, 12.5))
    changes = np.flatnonzero(np.diff(states)) + 1
    lengths, first = np.diff(changes), states[changes[:-1]]
    assert lengths[first].mean() == pytest.approx(12.5, rel=0.08)
    assert lengths[~first].mean() == pytest.approx(27.0, rel=0.08)


def test_the_head_swings_in_ten_seconds():
    signal = oscillation(np.random.default_rng(0), 20_000, 0.6, 10.0, 20.0)
    power = np.abs(np.fft.rfft(signal)) ** 2
    smooth = np.convolve(power, np.ones(51) / 51, "same")
    assert 1.0 / np.fft.rfftfreq(20_000, 0.6)[np.argmax(smooth)] == pytest.approx(10.0, rel=0.05)
    assert signal.std() == pytest.approx(1.0, abs=0.05)
    starts = [oscillation(np.random.default_rng(i), 2, 0.6, 10.0, 20.0)[0] for i in range(2000)]
    assert np.std(starts) == pytest.approx(1.0, abs=0.06), "it starts as it goes on"
    drift = oscillation(np.random.default_rng(1), 20_000, 0.6, np.inf, 3.0)
    assert np.corrcoef(drift[1:], drift[:-1])[0, 1] == pytest.approx(np.exp(-0.2), abs=0.02)


def test_hidden_signals_are_as_many_as_wanted():
    found = make_latents(np.random.default_rng(0), 20_000, 0.6, 5)
    assert found.shape == (20_000, 5) and np.abs(np.corrcoef(found.T) - np.eye(5)).max() < 0.25
    np.testing.assert_allclose(found.std(0), 1.0, atol=0.1)
    assert make_worms(n_animals=1, n_bins=40, n_classes=6, n_latents=0).latents["worm-01"].shape == (40, 0)


def test_private_noise_is_white_and_pink():
    b = np.full(2, 0.5)
    noise = draw_noise(np.random.default_rng(0), NeuronClasses(b, b, b, np.array([0.0, 0.5]), b, b), 4000)
    assert noise[:, 0].std() == pytest.approx(0.3) and noise[:, 1].std() == pytest.approx(
        (0.09 + 0.25) ** 0.5, rel=0.05
    )
    power = np.abs(np.fft.rfft(noise[:, 0])) ** 2
    slope = np.polyfit(np.log(np.arange(1, 2000)), np.log(power[1:2000]), 1)[0]
    assert slope == pytest.approx(-1.0, abs=0.15)


def test_neurons_are_drawn_once_each():
    presence = np.r_[np.full(50, 0.9), np.full(50, 0.1)]
    draws = [choose_neurons(np.random.default_rng(i), presence, 0.4) for i in range(40)]
    for recorded, labeled in draws:
        assert len(set(recorded)) == len(recorded) and labeled.sum() == round(0.6 * len(recorded))
    known = np.concatenate([recorded[labeled] for recorded, labeled in draws])
    assert (known < 50).mean() > 0.75


def test_the_seed_decides(small):
    again = make_worms(seed=5, n_animals=3, n_bins=120, n_classes=30)
    assert_equal_sets(again.worms, small.worms)
    other = make_worms(seed=6, n_animals=3, n_bins=120, n_classes=30).worms
    assert not np.array_equal(other.recordings["worm-01"].behavior, small.worms.recordings["worm-01"].behavior)
    more = make_worms(seed=5, n_animals=4, n_bins=120, n_classes=30).worms
    assert_equal_sets(more.take(small.worms.uids), small.worms)


def test_some_animals_have_a_pause(published):
    gaps = [np.diff(one.extras["time"]) for one in published.worms.recordings.values()]
    paused = [gap.max() > 1.0 for gap in gaps]
    assert 3 < sum(paused) < 25
    gap = gaps[paused.index(True)]
    assert gap.argmax() == 199 and gap.max() == pytest.approx(101 * 0.6)


def test_the_form_of_several_animals_keeps_them(small, tmp_path):
    found = load_worms(write_worms(small.worms, tmp_path / "worms.h5"))
    assert_equal_sets(found, small.worms)
    assert cut_worms(found, 40, 10).x.shape[0] == 3 * 2 * 3


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_lab_form_keeps_them(small, tmp_path, seed):
    labels_path = write_lab_files(small, tmp_path, seed)
    assert_equal_sets(load_lab_worms(tmp_path, labels_path, labels=small.worms.labels), small.worms)
    with h5py.File(tmp_path / "worm-01-data.h5") as file:
        one = small.worms.recordings["worm-01"]
        assert file["gcamp/trace_array"].shape == (120, one.n_neurons)
        assert file["gcamp/idx_splits"][()].tolist() == [[1, 61], [60, 120]]
        assert set(np.unique(file["behavior/reversal_vec"])) == {0, 1}


def test_labels_of_the_lab_form_are_uncertain_in_every_way(small, tmp_path):
    animals = json.loads(write_lab_files(small, tmp_path).read_text())["data"]
    low, side, several, repeated, silent = 0, 0, 0, 0, 0
    for uid, one in small.worms.recordings.items():
        entries = animals[uid]["roi_to_neuron"]
        options = {int(key): entry if isinstance(entry, list) else [entry] for key, entry in entries.items()}
        assert min(options) >= 1 and max(options) <= one.n_neurons
        single = [entry[0] for entry in options.values() if len(entry) == 1]
        low += sum(entry["confidence"] < 3 for entry in single)
        side += sum("?" in entry["label"] for entry in single)
        several += len(options) - len(single)
        sure = [entry["label"] for entry in single if entry["confidence"] >= 3]
        repeated += len(sure) - len(set(sure))
        silent += one.n_neurons - len(options)
    assert min(low, side, several, repeated, silent) > 0
    with pytest.warns(UserWarning, match="not in the list, taken as unknown: N0"):
        load_lab_worms(tmp_path, tmp_path / "neuropal_label.json", min_confidence=0, labels=small.worms.labels[:2])


def test_pumping_may_be_left_out(small, tmp_path):
    labels_path = write_lab_files(small, tmp_path, without_pumping=["worm-02"])
    with pytest.warns(UserWarning, match="^worm-02: pumping: never measured"):
        found = load_lab_worms(tmp_path, labels_path)
    assert [one.behavior_mask[:, 2].any() for one in found.recordings.values()] == [True, False, True]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_animals": 0}, "n_animals: 0, expected a number from 1 up"),
        ({"n_bins": 19}, "n_bins: 19, expected a number from 20 up"),
        ({"n_classes": 3}, "n_classes: 3, expected a number from 4 up"),
        ({"n_latents": -1}, "n_latents, noise, bin_width_s: -1, 1.0 and 0.6, expected numbers from 0 up"),
        ({"noise": -1.0}, "n_latents, noise, bin_width_s: 3, -1.0 and 0.6"),
        ({"bin_width_s": 0.0}, "bin_width_s: 3, 1.0 and 0.0, expected numbers from 0 up, the last one above 0"),
        ({"unlabeled": 1.0}, "unlabeled: 1.0, expected a share from 0 up and below 1"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ConfigError, match=message):
        make_worms(**options)
