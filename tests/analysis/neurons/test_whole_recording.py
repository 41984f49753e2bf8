"""Recordings of any length from windows."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.neurons import covering_starts, join_windows, whole_recording, worm_arrays
from indl_vae.data.worms import WormRecording, WormSet
from indl_vae.errors import ConfigError, DataError
from tests.analysis.neurons.linear_model import LinearModel


@pytest.fixture
def animal(rng):
    """A model, and 47 frames of 5 of its neurons, made by known latents."""
    model = LinearModel()
    identity, latents, behavior = np.array([3, 1, 8, 5, 2]), rng.normal(size=(47, 2)), rng.normal(size=(47, 1))
    x = model.decode(latents[None], behavior[None], identity)[0]
    return model, latents, {"x": x, "behavior": behavior, "identity": identity}


class Leaning(LinearModel):
    """Tells of each bin how far it is from the window's start, so that windows disagree."""

    def all_outputs(self, data):
        found = super().all_outputs(data)
        ramp = np.arange(data["x"].shape[1], dtype=float)[:, None]
        return {**found, "factors": 0.0 * found["factors"] + ramp, "z_scale": 1.0 + 0.0 * found["z_scale"] + ramp}


@pytest.mark.parametrize(("window", "stride"), [(10, 10), (10, 1), (10, 7), (10, 9), (47, 47), (47, 3), (200, 100)])
def test_a_local_model_tells_the_same_with_any_windows(animal, window, stride):
    model, latents, arrays = animal
    found = whole_recording(model, **arrays, window_T=window, stride=stride)
    np.testing.assert_allclose(found.latents, latents, atol=1e-5)
    np.testing.assert_allclose(found.values, arrays["x"], atol=1e-4)
    np.testing.assert_allclose(found.scale, 1 / np.sqrt(6), rtol=1e-6)
    np.testing.assert_array_equal(found.identities, arrays["identity"])
    assert all(shape[1:] == (min(window, 47), 6) for shape in model.calls)  # no window is cut or padded


def test_neurons_that_were_not_recorded_are_told(animal):
    model, latents, arrays = animal
    found = whole_recording(model, **arrays, window_T=20, stride=8, identities=[4, 7])
    np.testing.assert_allclose(
        found.values, model.decode(latents[None], arrays["behavior"][None], [4, 7])[0], atol=1e-4
    )
    hidden = np.ones(arrays["x"].shape)
    hidden[:, 0] = 0
    arrays["x"][:, 0] = np.nan
    found = whole_recording(model, **arrays, mask=hidden, window_T=20, stride=8)
    np.testing.assert_allclose(found.latents, latents, atol=1e-5)


def test_windows_that_disagree_are_joined_by_hann_weights(animal):
    found = whole_recording(Leaning(), **animal[2], window_T=40, stride=7)
    np.testing.assert_array_equal(found.starts, [0, 7])
    weight = lambda i: np.sin(np.pi * (i + 0.5) / 40) ** 2  # noqa: E731
    np.testing.assert_allclose(found.latents[:7, 0], np.arange(7))  # the ends keep what the one window says
    np.testing.assert_allclose(found.latents[-7:, 0], np.arange(33, 40))
    expected = (20 * weight(20) + 13 * weight(13)) / (weight(20) + weight(13))
    np.testing.assert_allclose(found.latents[20], expected)
    variance = (21**2 * weight(20) + 14**2 * weight(13)) / (weight(20) + weight(13))
    np.testing.assert_allclose(found.scale[20] ** 2, variance)


def test_windows_stay_within_segments(animal):
    model, latents, arrays = animal
    found = whole_recording(model, **arrays, segments=[(2, 20), (25, 30)], window_T=10, stride=5)
    np.testing.assert_array_equal(found.starts, [2, 7, 10, 25])
    outside = np.r_[0:2, 20:25, 30:47]
    assert np.isnan(found.latents[outside]).all() and np.isnan(found.values[outside]).all()
    np.testing.assert_allclose(found.latents[2:20], latents[2:20], atol=1e-5)
    np.testing.assert_allclose(found.latents[25:30], latents[25:30], atol=1e-5)


def test_an_animal_of_a_set_gives_its_arrays(animal):
    model, latents, arrays = animal
    x = np.concatenate([arrays["x"], np.full((47, 1), 9.0)], 1)
    recording = WormRecording("w", x, 2 * arrays["behavior"], np.append(arrays["identity"], 0), segments=((0, 40),))
    worms = WormSet.of([recording], ["unknown", *"abcdefgh"], behavior_divisor=[2.0])
    found = whole_recording(model, **worm_arrays(worms, "w"), window_T=20)
    np.testing.assert_allclose(found.latents[:40], latents[:40], atol=1e-5)
    assert np.isnan(found.latents[40:]).all()
    assert worm_arrays(worms, "w", ignore_unlabeled=False)["x"].shape == (47, 6)
    with pytest.raises(DataError, match="no recording 'v'"):
        worm_arrays(worms, "v")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"stride": 11}, ConfigError, r"stride: expected 1 to 10 frames, the length of a window, got 11"),
        ({"stride": 0}, ConfigError, "stride: expected 1 to 10"),
        ({"window_T": 0}, ConfigError, r"window_T: expected 1 to 47 frames, got 0"),
        (
            {"x": np.zeros((47, 7))},
            DataError,
            r"x: expected an array \(frames, at most 6 neurons\), got shape \(47, 7\)",
        ),
        ({"x": np.zeros(47)}, DataError, r"got shape \(47,\)"),
        ({"mask": np.ones((46, 5))}, DataError, r"mask: expected shape \(47, 5\) to go with x, got \(46, 5\)"),
        ({"identity": np.arange(4)}, DataError, r"identity: expected shape \(5,\)"),
        ({"behavior": np.zeros((46, 1))}, DataError, r"behavior: expected shape \(47, behaviours\), got \(46, 1\)"),
        ({"segments": ()}, DataError, r"segments: expected pairs .* at least one, got \(\)"),
        ({"segments": [(5, 48)]}, DataError, r"start < stop <= 47"),
    ],
)
def test_what_does_not_fit_is_refused(animal, change, error, message):
    model, _, arrays = animal
    with pytest.raises(error, match=message):
        whole_recording(model, **{**arrays, "window_T": 10, "stride": 5, **change})


def test_windows_cover_and_join():
    np.testing.assert_array_equal(covering_starts(3, 14, 4, 3), [3, 6, 9, 10])
    np.testing.assert_array_equal(covering_starts(0, 4, 4, 4), [0])
    joined = join_windows(np.ones((1, 3, 2)), [1], 5)
    np.testing.assert_array_equal(np.isnan(joined[:, 0]), [True, False, False, False, True])
    assert (joined[1:4] == 1).all()
    with pytest.raises(DataError, match=r"starts: expected 1 numbers from 0 to 2, got 1: \[3\]"):
        join_windows(np.ones((1, 3, 2)), [3], 5)
    with pytest.raises(DataError, match="starts: expected 2 numbers"):
        join_windows(np.ones((2, 3, 2)), [0], 5)
