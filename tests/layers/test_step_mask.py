"""From observed entries to the bins of a trial: padding ends it, a gap does not."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.layers import SliceBins, StepMask

CASES = {
    "all there": ([1, 1, 1, 1], [1, 1, 1, 1]),
    "padded": ([1, 1, 0, 0], [1, 1, 0, 0]),
    "a gap": ([1, 0, 0, 1], [1, 1, 1, 1]),
    "a late start": ([0, 0, 1, 0], [1, 1, 1, 0]),
    "nothing": ([0, 0, 0, 0], [0, 0, 0, 0]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bin_counts_up_to_the_last_observed_one(case):
    observed, expected = (np.array([row], "f4") for row in CASES[case])
    np.testing.assert_array_equal(StepMask()(observed), expected)
    one_channel = np.stack([np.zeros_like(observed), observed, np.zeros_like(observed)], axis=-1)
    np.testing.assert_array_equal(StepMask()(one_channel), expected)


def test_held_out_bins_are_cut_off():
    observed = np.array([[1, 1, 1, 1], [1, 0, 0, 0]], "f4")
    np.testing.assert_array_equal(StepMask(heldout_bins=1)(observed), observed[:, :3])


def test_no_mask_stays_none():
    assert StepMask()(None) is None
    assert SliceBins(2)(None) is None


def test_slice_keeps_the_first_bins(rng):
    steps = (rng.random((3, 5)) > 0.5).astype("f4")
    np.testing.assert_array_equal(SliceBins(2)(steps), steps[:, :2])
