"""How values are varied: within their bounds, without drift, by the rules of the three codes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.tuning.pbt.explore import EXPLORE, perturb, perturb_as_ray, perturb_linearly
from indl_vae.tuning.pbt.hyper_parameter import HyperParameter

FREE = HyperParameter(low=1e-4, high=1.0, scale="log", explore=0.8, limits=False)
HELD = HyperParameter(low=0.1, high=0.6, explore=0.3)


def many(rule, value, one, n=4000, seed=0):
    rng = np.random.default_rng(seed)
    return np.array([rule({"a": value}, {"a": one}, rng)["a"] for _ in range(n)])


@settings(max_examples=60, deadline=None)
@given(
    rule=st.sampled_from(sorted(EXPLORE)),
    low=st.floats(1e-6, 0.5),
    width=st.floats(1e-3, 2.0),
    place=st.floats(0.0, 1.0),
    weight=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_value_stays_inside_its_bounds(rule, low, width, place, weight, seed):
    one = HyperParameter(low=low, high=low + width, explore=weight)
    value = low + place * width
    for _ in range(5):
        value = EXPLORE[rule]({"a": value}, {"a": one}, np.random.default_rng(seed))["a"]
        assert low <= value <= low + width


def test_perturb_is_as_likely_up_as_down_by_the_same_factor():
    logs = np.log(many(perturb, 0.01, FREE) / 0.01)
    assert abs(logs.mean()) < 4 * logs.std() / math.sqrt(len(logs))
    assert 0.49 * math.log(1.8) < np.abs(logs).mean() < 0.51 * math.log(1.8)
    assert np.abs(logs).max() <= math.log(1.8)
    assert np.abs(logs).min() >= math.log1p(0.002 * 0.8)


def test_the_smallest_change_does_not_shrink_from_draw_to_draw():
    """In the published code it does: the bound is overwritten within the loop."""
    late = np.abs(np.log(many(perturb, 0.01, FREE)[2000:] / 0.01))
    assert late.min() >= math.log1p(0.002 * 0.8)


def test_perturb_without_limits_may_leave_the_range_of_first_values():
    assert many(perturb, 1.0, FREE, 50).max() > 1.0


def test_perturb_draws_again_at_a_bound_rather_than_stopping_there():
    at_bound = many(perturb, 0.6, HELD)
    assert at_bound.max() <= 0.6
    assert np.mean(at_bound == 0.6) == 0.0


def test_perturb_of_a_value_far_outside_ends_on_the_bound():
    assert many(perturb, 5.0, HELD, 3).tolist() == [0.6] * 3


def test_linear_changes_are_within_the_weight_both_ways():
    factors = many(perturb_linearly, 0.01, FREE) / 0.01
    assert factors.min() >= 0.2 and factors.max() <= 1.8
    assert abs(factors.mean() - 1.0) < 0.03
    assert np.abs(factors - 1.0).min() >= 0.0016 * 0.99


def test_ray_draws_a_quarter_anew_and_else_multiplies_by_a_fifth_more_or_less():
    drawn = many(perturb_as_ray, 0.01, FREE)
    known = [np.mean(np.isclose(drawn, value)) for value in (0.012, 0.008)]
    assert known[0] == pytest.approx(0.375, abs=0.04)
    assert known[1] == pytest.approx(0.375, abs=0.04)


def test_first_values_follow_their_scale():
    rng = np.random.default_rng(0)
    drawn = np.log10([FREE.draw(rng) for _ in range(4000)])
    assert np.histogram(drawn, bins=[-4, -3, -2, -1, 0])[0] == pytest.approx([1000] * 4, abs=120)
    assert {HyperParameter(low=0.1, high=1.0, initial=0.5).first(rng) for _ in range(3)} == {0.5}
    assert HyperParameter(low=0.0, high=0.6).draw(rng) > 0.0, "0 is a value from which no factor leads away"
