from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.baselines import SmoothingGLM, TrainMean, smoothing_glm
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.metrics import poisson_nll, r2
from indl_vae.data.split import Split
from indl_vae.errors import DataError
from tests.analysis.example_data import make_split

HELD_OUT = HeldOut((1, 4), 5)
TRAIN, VALID = make_split("train", 60, seed=1), make_split("valid", 8)


@pytest.fixture(scope="module")
def fitted() -> SmoothingGLM:
    return SmoothingGLM().fit(TRAIN, HELD_OUT)


def changed(split: Split, *where) -> Split:
    x = split.x.copy()
    x[where] += 3
    return Split(split.name, x)


def test_predicts_better_than_the_mean_in_every_block(fitted):
    rates, mean = fitted.predict(VALID), TrainMean().fit(TRAIN).predict(VALID)
    for name, block in HELD_OUT.blocks(20, 6).items():
        block = np.broadcast_to(block, rates.shape)
        assert poisson_nll(rates, VALID.x, block) < poisson_nll(mean, VALID.x, block) - 0.01, name
    assert r2(rates, VALID.truth) > 0.5


def test_a_seen_count_does_not_reach_its_own_prediction(fitted):
    before, after = fitted.predict(VALID), fitted.predict(changed(VALID, 2, 7, 0))
    assert after[2, 7, 0] == pytest.approx(before[2, 7, 0], abs=1e-6)
    assert abs(after[2, 8, 0] - before[2, 8, 0]) > 1e-4, "its neighbours in time do see it"
    assert abs(after[2, 7, 1] - before[2, 7, 1]) > 1e-4, "and so do other channels"
    np.testing.assert_array_equal(np.delete(after, 2, axis=0), np.delete(before, 2, axis=0))


@pytest.mark.parametrize("where", [(slice(None), slice(None), [1, 4]), (slice(None), slice(15, None))])
def test_held_out_counts_are_never_seen(fitted, where):
    np.testing.assert_array_equal(fitted.predict(changed(VALID, *where)), fitted.predict(VALID))


def test_chunks_and_memory_limit_change_no_prediction(fitted):
    before = fitted.predict(VALID)
    fitted.max_entries = 250
    try:
        np.testing.assert_allclose(fitted.predict(VALID), before, rtol=1e-5)
    finally:
        fitted.max_entries = smoothing_glm.MAX_ENTRIES


def test_is_the_same_every_time_and_can_do_with_part_of_the_data():
    small = [SmoothingGLM(seed=3, max_entries=20 * 120).fit(TRAIN).predict(VALID) for _ in range(2)]
    np.testing.assert_array_equal(*small)
    assert np.isfinite(small[0]).all()


def test_masked_counts_take_no_part():
    mask = np.ones_like(TRAIN.x)
    mask[:, 3:6, 2] = 0
    wild = np.where(mask > 0, TRAIN.x, 50.0).astype(np.float32)
    first, second = (SmoothingGLM().fit(Split("train", x, mask=mask)).predict(VALID) for x in (wild, TRAIN.x * mask))
    np.testing.assert_array_equal(first, second)


def test_no_prediction_exceeds_the_largest_count_of_training(fitted):
    busy = Split("valid", np.full((1, 20, 6), 40.0, np.float32))
    assert (fitted.predict(busy) <= TRAIN.x.max(axis=(0, 1))).all()


@pytest.mark.parametrize(("n_trials", "n_bins", "n_channels"), [(1, 20, 3), (6, 1, 3), (6, 20, 1), (3, 2, 1)])
def test_copes_with_little_data(n_trials, n_bins, n_channels):
    split = make_split("train", n_trials, n_bins, n_channels)
    rates = SmoothingGLM().fit(split).predict(split)
    assert rates.shape == split.x.shape and np.isfinite(rates).all() and (rates > 0).all()


def test_copes_with_a_silent_channel():
    x = TRAIN.x.copy()
    x[:, :, 3] = 0
    rates = SmoothingGLM().fit(Split("train", x)).predict(VALID)
    assert np.isfinite(rates).all() and (rates[:, :, 3] < 0.01).all()


def test_other_lengths_can_be_predicted(fitted):
    assert fitted.predict(make_split("valid", 3, n_bins=30)).shape == (3, 30, 6)


def test_values_that_are_not_counts_are_refused():
    split = Split("train", np.full((6, 4, 2), 0.5, np.float32))
    assert not SmoothingGLM().applies(split, split)
    with pytest.raises(DataError, match="SmoothingGLM: expected counts"):
        SmoothingGLM().fit(split)
