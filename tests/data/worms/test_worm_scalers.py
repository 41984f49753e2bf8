from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data.worms import WormScalers, load_worms, split_time, write_worms
from indl_vae.errors import ConfigError, DataError
from tests.data.worms.worm_sets import assert_equal_sets, recording, worm_set


@pytest.fixture
def worms():
    x = np.random.default_rng(0).normal(5.0, 3.0, (40, 5))
    x[3:9, 1] = np.nan
    x[:, 2] = np.nan
    x[:, 3] = 7.0
    return worm_set(recording("a", x=x, n_frames=40), recording("b", n_neurons=3, seed=8))


def test_scales_are_those_of_recorded_frames_to_train_on(worms):
    train, valid = split_time(worms, 0.25, gap=0)
    scalers = WormScalers.fit(train)
    x, mask = worms.recordings["a"].x[:30], worms.recordings["a"].mask[:30] > 0
    for neuron in (0, 1, 4):
        seen = x[mask[:, neuron], neuron]
        assert scalers.mean["a"][neuron] == pytest.approx(seen.mean(), rel=1e-5)
        assert scalers.std["a"][neuron] == pytest.approx(seen.std(), rel=1e-5)
    assert scalers.mean["a"][2:4].tolist() == [0.0, 7.0] and scalers.std["a"][2:4].tolist() == [1.0, 1.0]
    for part in (train, valid):
        scaled = scalers.apply(part).recordings["a"]
        expected = (worms.recordings["a"].x - scalers.mean["a"]) / scalers.std["a"] * worms.recordings["a"].mask
        np.testing.assert_allclose(scaled.x, expected, atol=1e-6)
        assert scaled.segments == part.recordings["a"].segments and not scaled.x[:, 2].any()
    seen = scalers.apply(train).recordings["a"].x[:30, 1][mask[:, 1]]
    assert seen.mean() == pytest.approx(0, abs=1e-6) and seen.std() == pytest.approx(1, abs=1e-6)


def test_small_traces_far_from_zero_are_scaled():
    x = 1e-5 * np.random.default_rng(0).normal(size=(40, 5))
    x[:, 0] = 1000.0 + np.random.default_rng(1).normal(size=40)
    scaled = WormScalers.fit(worm_set(recording(x=x, n_frames=40))).apply(worm_set(recording(x=x, n_frames=40)))
    np.testing.assert_allclose(scaled.recordings["a"].x.std(0), 1.0, rtol=1e-3)
    np.testing.assert_allclose(scaled.recordings["a"].x.mean(0), 0.0, atol=1e-3)


def test_what_is_scaled_comes_back(worms):
    scalers = WormScalers.fit(worms)
    scaled = scalers.apply(worms).recordings["a"].x
    mask = worms.recordings["a"].mask > 0
    back = scalers.invert("a", scaled)
    np.testing.assert_allclose(back[mask], worms.recordings["a"].x[mask], rtol=1e-5)
    np.testing.assert_allclose(scalers.invert("a", scaled[None, :, [4, 0]], np.array([4, 0]))[0], back[:, [4, 0]])


def test_none_leaves_all_as_it_is(worms):
    scaled = WormScalers.fit(worms, "none").apply(worms)
    np.testing.assert_array_equal(scaled.recordings["a"].x, worms.recordings["a"].x)


def test_a_file_keeps_the_scales(worms, tmp_path):
    scalers = WormScalers.fit(worms)
    scaled = scalers.apply(worms)
    found = load_worms(write_worms(scaled, tmp_path / "w.h5"))
    assert_equal_sets(found, scaled)
    kept = WormScalers.of(found)
    for uid in ("a", "b"):
        np.testing.assert_array_equal(kept.mean[uid], scalers.mean[uid])
        np.testing.assert_array_equal(kept.std[uid], scalers.std[uid])


def test_scales_that_do_not_fit(worms):
    scalers = WormScalers.fit(worms.take(["a"]))
    with pytest.raises(ConfigError, match="normalise: 'minmax', expected one of zscore, none"):
        WormScalers.fit(worms, "minmax")
    with pytest.raises(DataError, match="b: has no scalers, expected one of a; fit them on it as well"):
        scalers.apply(worms)
    with pytest.raises(DataError, match="a: has 4 neurons, its scalers 5; expected those of one recording"):
        scalers.invert("a", np.ones((2, 4)))
    with pytest.raises(DataError, match="a: has 3 neurons, its scalers 5"):
        scalers.apply(worm_set(recording("a", n_neurons=3)))
    with pytest.raises(DataError, match="a: has been scaled before; apply scalers to the recording as it was read"):
        scalers.apply(scalers.apply(worms.take(["a"])))
    with pytest.raises(DataError, match="a: holds no scaler_mean and scaler_std; expected a set that scalers were"):
        WormScalers.of(worms)
