"""Small sets of animals for tests."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data.worms import WormRecording, WormSet


def recording(uid="a", n_frames=30, n_neurons=5, seed=0, **fields):
    rng = np.random.default_rng(seed)
    identity = np.arange(n_neurons) % 4
    given = {"x": rng.normal(size=(n_frames, n_neurons)), "behavior": rng.normal(size=(n_frames, 2))}
    return WormRecording(uid, **(given | {"identity": identity} | fields))


def worm_set(*recordings):
    return WormSet.of(recordings, ["unknown", "AVAL", "AVAR", "RID"], ["velocity", "pumping"], [0.5, 2.0])


def assert_equal_sets(found, expected):
    assert found.labels == expected.labels and found.behavior_names == expected.behavior_names
    np.testing.assert_array_equal(found.behavior_divisor, expected.behavior_divisor)
    assert found.uids == expected.uids
    for uid, one in expected.recordings.items():
        other = found.recordings[uid]
        for name in ("x", "mask", "behavior", "behavior_mask", "identity"):
            np.testing.assert_array_equal(getattr(other, name), getattr(one, name), err_msg=f"{uid} {name}")
        assert other.segments == one.segments and other.dt == pytest.approx(one.dt)
        assert set(other.extras) == set(one.extras)
        for name, value in one.extras.items():
            np.testing.assert_array_equal(other.extras[name], value)
