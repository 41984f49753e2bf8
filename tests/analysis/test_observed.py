from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.observed import is_counts, observed_entries, observed_or_nan
from indl_vae.data.split import Split


def test_masked_padded_and_missing_entries_are_not_observed():
    x = np.ones((2, 3, 2), np.float32)
    x[0, 0, 0] = np.nan
    mask = np.ones_like(x)
    mask[1, 0, 1] = 0
    split = Split("valid", x, mask=mask, lengths=np.array([3, 2]))
    expected = np.ones((2, 3, 2), bool)
    expected[0, 0, 0] = expected[1, 0, 1] = False
    expected[1, 2] = False
    np.testing.assert_array_equal(observed_entries(split), expected)
    np.testing.assert_array_equal(np.isnan(observed_or_nan(split)), ~expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 2, 5], True), ([0.5, 1], False), ([-1, 1], False), ([np.nan, 3], True), ([], True)],
)
def test_counts_are_whole_and_not_negative(values, expected):
    assert is_counts(np.array(values, dtype=float)) is expected
