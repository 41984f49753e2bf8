"""Equal error rate of identities verified by codes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.disentanglement import equal_error_rate
from indl_vae.errors import DataError


def at_angles(degrees):
    """Codes on the unit circle."""
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_identities_apart_are_verified_without_error():
    assert equal_error_rate(at_angles([0, 5, 90, 100, 200, 203]), [0, 0, 1, 1, 2, 2]) == 0.0


def test_codes_that_know_nothing_are_at_one_half(rng):
    assert equal_error_rate(rng.normal(size=(300, 5)), rng.integers(10, size=300)) == pytest.approx(0.5, abs=0.03)


def test_codes_that_are_all_alike_are_at_one_half():
    assert equal_error_rate(np.ones((6, 3)), [0, 0, 0, 1, 1, 1]) == pytest.approx(0.5)


def test_codes_that_say_the_opposite_always_err():
    assert equal_error_rate(at_angles([0, 90, 0, 90]), [0, 0, 1, 1]) == pytest.approx(2 / 3)


def test_a_case_by_hand():
    # Angles 0, 10 | 14, 50: same pairs are 10 and 36 apart, different ones 14, 50, 4 and 40.
    # Accepted up to 4: 1/4 false accepts, 2/2 rejected; 10: 1/4, 1/2; 14: 2/4, 1/2, which are equal.
    assert equal_error_rate(at_angles([0, 10, 14, 50]), [0, 0, 1, 1]) == pytest.approx(0.5)
    # Angles 0, 10 | 30, 80, 100: same 10, 50, 70, 20; different 30, 80, 100, 20, 70, 90. Accepted up to 20: 1/6 and 2/4;
    # 30: 2/6 and 2/4; 50: 2/6 and 1/4. From (2/6, 2/4) to (2/6, 1/4) the lines cross at 2/6.
    assert equal_error_rate(at_angles([0, 10, 30, 80, 100]), [0, 0, 1, 1, 1]) == pytest.approx(1 / 3)


def test_the_crossing_lies_between_two_thresholds():
    # One same pair at 20; different ones at 20 and 40 (0 to 40) and so on: ties move both rates at once.
    # Angles 0, 20 | 40: same 20; different 40 and 20. Up to 20: accepts 1/2, rejects 0; before: 0 and 1.
    # On the line from (0, 1) to (1/2, 0) accepts = rejects at 1/3.
    assert equal_error_rate(at_angles([0, 20, 40]), [0, 0, 1]) == pytest.approx(1 / 3)


def test_lengths_at_the_ends_of_the_number_range_do_not_matter():
    codes = at_angles([0, 5, 90, 100]) * np.array([1e-200, 1e200, 1e-300, 1e300])[:, None]
    assert equal_error_rate(codes, list("aabb")) == 0.0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 12), st.integers(1, 4))
def test_scale_order_and_names_do_not_matter(seed, n, width):
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(n, width))
    identities = np.concatenate([[0, 0, 1], rng.integers(3, size=n - 3)])
    rate = equal_error_rate(codes, identities)
    assert 0.0 <= rate <= 1.0
    assert equal_error_rate(codes * rng.uniform(0.1, 10, (n, 1)), identities) == pytest.approx(rate)
    order = rng.permutation(n)
    names = np.array(["b", "c", "a"])[identities[order]]
    assert equal_error_rate(codes[order][:, rng.permutation(width)], names) == pytest.approx(rate)


def test_errors():
    codes = np.eye(3)
    with pytest.raises(DataError, match="identities: .*pairs of one identity.* got 0 of one and 3 of two"):
        equal_error_rate(codes, [0, 1, 2])
    with pytest.raises(DataError, match="identities: .* got 3 of one and 0 of two"):
        equal_error_rate(codes, [1, 1, 1])
    with pytest.raises(DataError, match="codes: expected codes that are not all zeros, got zeros in row 1"):
        equal_error_rate(codes * [[1], [0], [1]], [0, 0, 1])
    with pytest.raises(DataError, match="identities: expected the labels of 3 sequences, got 2"):
        equal_error_rate(codes, [0, 0])
    with pytest.raises(DataError, match="codes: expected finite numbers"):
        equal_error_rate(np.full((3, 3), np.inf), [0, 0, 1])
