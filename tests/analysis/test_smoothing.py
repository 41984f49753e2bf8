from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.smoothing import smoothed_rates
from indl_vae.errors import ConfigError, DataError


def naive(x, sigma, leave_out_centre=False):
    """The same by its definition: a weighted mean of the finite entries within four standard deviations."""
    radius = int(4 * sigma + 0.5)
    out = np.empty(x.shape)
    for b, t, n in np.ndindex(x.shape):
        offsets = [k for k in range(-radius, radius + 1) if 0 <= t + k < x.shape[1] and np.isfinite(x[b, t + k, n])]
        offsets = [k for k in offsets if k != 0 or not leave_out_centre]
        weights = np.exp(-0.5 * (np.array(offsets) / sigma) ** 2)
        out[b, t, n] = np.average([x[b, t + k, n] for k in offsets], weights=weights)
    return out


@pytest.mark.parametrize("leave_out_centre", [False, True])
def test_is_a_weighted_mean_of_what_was_observed(leave_out_centre):
    x = np.random.default_rng(0).poisson(1.0, (2, 9, 3)).astype(float)
    x[0, 3:5, 1] = np.nan
    found = smoothed_rates(x, 1.5, leave_out_centre=leave_out_centre)
    np.testing.assert_allclose(found, naive(x, 1.5, leave_out_centre), atol=1e-12)


def test_a_mask_is_the_same_as_nan():
    x = np.random.default_rng(0).poisson(1.0, (2, 9, 3)).astype(float)
    observed = np.random.default_rng(1).random(x.shape) > 0.3
    by_nan = smoothed_rates(np.where(observed, x, np.nan), 2.0)
    np.testing.assert_array_equal(smoothed_rates(x, 2.0, observed=observed), by_nan)


def test_a_constant_stays_constant_up_to_the_edges():
    np.testing.assert_allclose(smoothed_rates(np.full((1, 7, 2), 3.0), 4.0), 3.0)


def test_the_bin_itself_can_be_left_out():
    x = np.random.default_rng(0).poisson(1.0, (1, 15, 1)).astype(float)
    other = x.copy()
    other[0, 6] += 100
    before, after = (smoothed_rates(array, 2.0, leave_out_centre=True) for array in (x, other))
    assert after[0, 6, 0] == pytest.approx(before[0, 6, 0], abs=1e-9)
    assert after[0, 5, 0] > before[0, 5, 0] + 1


def test_no_smoothing_returns_the_counts_and_fills_the_gaps():
    x = np.array([[[1.0], [np.nan], [3.0]]])
    np.testing.assert_array_equal(smoothed_rates(x, 0.0)[0, :, 0], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(smoothed_rates(x, 0.0, fill=np.array([9.0]))[0, :, 0], [1.0, 9.0, 3.0])


def test_a_single_bin_has_no_neighbours():
    assert smoothed_rates(np.array([[[4.0]]]), 2.0, leave_out_centre=True, fill=np.array([0.5]))[0, 0, 0] == 0.5


def test_wrong_arguments_are_named():
    with pytest.raises(DataError, match=r"x: expected counts of shape .* got shape \(3, 2\)"):
        smoothed_rates(np.zeros((3, 2)), 1.0)
    with pytest.raises(DataError, match=r"observed: expected the shape of x"):
        smoothed_rates(np.zeros((1, 3, 2)), 1.0, observed=np.ones((1, 3, 1)))
    with pytest.raises(ConfigError, match="sigma_bins: expected a finite number of at least 0"):
        smoothed_rates(np.zeros((1, 3, 2)), -1.0)
