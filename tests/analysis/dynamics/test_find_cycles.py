"""Fixed points and cycles of maps that were made to have them, and all of those that enumeration finds."""

from __future__ import annotations

from importlib import import_module
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.dynamics import find_cycles, fixed_points_of_map
from indl_vae.analysis.dynamics.cycle import kind_of_eigenvalues, make_cycle
from indl_vae.errors import ConfigError, DataError
from tests.analysis.dynamics.maps import (
    Lorenz63,
    PiecewiseLinear,
    Smooth,
    brute_force_fixed_points,
    linear,
    random_map,
)


def starts_in(units, n=400, spread=3.0, seed=0):
    return np.random.default_rng(seed).normal(size=(n, units)) * spread


def sorted_rows(points):
    points = np.asarray(points)
    return points[np.lexsort(np.round(points, 6).T[::-1])]


def bistable():
    """`z1' = 0.5 z1 + ...`: two units that inhibit each other: one of them wins."""
    return PiecewiseLinear([0.5, 0.5], [[0, -1.0], [-1.0, 0]], [1.0, 1.0])


def test_two_winners_and_the_saddle_between_them():
    """Alone, a unit rests at 1 / 0.5 = 2 and the other at (1 - 2) / 0.5 = -2; together at 1 / 1.5."""
    found = fixed_points_of_map(bistable(), starts_in(2, 40))
    assert [c.kind for c in found] == ["stable node", "stable node", "saddle"]
    assert [c.stable for c in found] == [True, True, False] and [c.order for c in found] == [1, 1, 1]
    np.testing.assert_allclose(sorted_rows([c.points[0] for c in found[:2]]), [[-2, 2], [2, -2]], atol=1e-12)
    np.testing.assert_allclose(found[2].points, [[2 / 3, 2 / 3]], atol=1e-12)
    np.testing.assert_allclose(found[2].eigenvalues, [1.5, -0.5], atol=1e-12)
    np.testing.assert_allclose(found[0].eigenvalues, [0.5, 0.5], atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.sampled_from([0.0, 0.18]), st.sampled_from([1.0, 2.0, 4.0]), st.integers(0, 2**31))
def test_all_fixed_points_are_those_of_enumeration(units, slope, gain, seed):
    latent_map = random_map(seed, units, slope, gain)
    wanted = brute_force_fixed_points(latent_map)
    orthants = np.array(list(product((-1.0, 1.0), repeat=units)))
    found = find_cycles(latent_map, np.concatenate([orthants, starts_in(units, 20)]))
    assert len(found) == len(wanted)
    if len(found):
        np.testing.assert_allclose(sorted_rows([c.points[0] for c in found]), sorted_rows(wanted), rtol=1e-6, atol=1e-6)


def test_random_starts_find_what_enumeration_finds():
    """Without a start in the right region: every region but that of the point itself is left out."""
    n_wanted = n_found = 0
    for seed in range(40):
        latent_map = random_map(seed, 5, gain=2.0)
        for point in brute_force_fixed_points(latent_map):
            starts = starts_in(5, 200, seed=seed)
            elsewhere = starts[((starts > 0) != (point > 0)).any(axis=1)]
            n_wanted += 1
            found = find_cycles(latent_map, elsewhere)
            n_found += any(np.allclose(c.points[0], point, atol=1e-6) for c in found)
    assert n_wanted > 20 and n_found >= 0.95 * n_wanted


def flip(slope=-1.5):
    """One unit: `z' = 1 + slope max(z, 0) + 0.2 z`, by a second unit that copies nothing; slope of z > 0: -1.3."""
    return PiecewiseLinear([0.2], [[slope]], [1.0])


def test_a_two_cycle_made_by_hand():
    """Left `z' = 1 + 0.2 z`, right `z' = 1 - 1.3 z`: `z = 1 + 0.2 (1 - 1.3 z)` gives z = 1.2 / 1.26."""
    right = 1.2 / 1.26
    found = find_cycles(flip(), starts_in(1, 30), 2)
    assert len(found) == 1 and found[0].order == 2 and found[0].kind == "stable node" and found[0].stable
    np.testing.assert_allclose(found[0].points[:, 0], [1 - 1.3 * right, right], atol=1e-12)
    np.testing.assert_allclose(found[0].eigenvalues, [0.2 * -1.3], atol=1e-12)
    fixed = find_cycles(flip(), starts_in(1, 30))
    assert len(fixed) == 1 and fixed[0].kind == "unstable node"
    np.testing.assert_allclose(fixed[0].points, [[1 / 2.3]], atol=1e-12)


def tent():
    """The tent map `1 - 2 |z|` of [-1, 1]: slope 2 left of 0 and -2 right of it."""
    return PiecewiseLinear([2.0], [[-4.0]], [1.0])


@pytest.mark.parametrize(("order", "n_cycles"), [(1, 2), (2, 1), (3, 2), (4, 3), (5, 6), (6, 9)])
def test_the_tent_map_has_as_many_cycles_as_there_are_necklaces(order, n_cycles):
    """2^k points return after k steps; taken by lower orders and by turns, (Moebius) n_cycles are left."""
    found = find_cycles(tent(), np.random.default_rng(0).uniform(-1, 1, (400, 1)), order)
    assert len(found) == n_cycles
    for cycle in found:
        z = cycle.points
        np.testing.assert_allclose(1 - 2 * np.abs(z), np.roll(z, -1, axis=0), atol=1e-9)
        np.testing.assert_allclose(np.abs(cycle.eigenvalues), 2.0**order)
        assert cycle.points[0, 0] == z.min() and len(np.unique(z.round(6))) == order and not cycle.stable


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**31))
def test_every_cycle_is_one_of_the_map_itself(units, order, seed):
    latent_map = random_map(seed, units, 0.1, gain=3.0)
    found = find_cycles(latent_map, starts_in(units, 40), order)
    known = []
    for cycle in found:
        z, jacobian = cycle.points[0], np.eye(units)
        for point in cycle.points:
            np.testing.assert_allclose(z, point, atol=1e-6 * (1 + abs(point).max()))
            jacobian = latent_map.jacobian(point) @ jacobian
            z = latent_map.step(point)
        np.testing.assert_allclose(z, cycle.points[0], atol=1e-6 * (1 + abs(cycle.points).max()))
        values = np.linalg.eigvals(jacobian)
        np.testing.assert_allclose(np.sort(abs(values)), np.sort(abs(cycle.eigenvalues)), rtol=1e-6, atol=1e-9)
        assert all(abs(other - point).max() > 1e-7 for other in known for point in cycle.points)
        known += list(cycle.points)


def test_eigenvalues_are_those_of_finite_differences_once_around():
    """Five points of a plane: in another order the Jacobians have another product."""
    turning = PiecewiseLinear([0.3, 0.3], [[0, -1.3], [1.3, 0]], [0.6, -0.3], slope=0.3)
    found = find_cycles(turning, starts_in(2, 300), 5)
    assert [c.kind for c in found] == ["stable focus", "saddle"]
    for cycle in found:
        columns = []
        for shift in 1e-6 * np.eye(2):
            ends = [cycle.points[0] + shift, cycle.points[0] - shift]
            for _ in range(5):
                ends = [turning.step(end) for end in ends]
            columns.append((ends[0] - ends[1]) / 2e-6)
        values = np.linalg.eigvals(np.transpose(columns))
        np.testing.assert_allclose(np.sort_complex(cycle.eigenvalues), np.sort_complex(values), atol=1e-7)


def test_jacobians_are_multiplied_in_the_order_of_the_points(rng):
    first, second, third = jacobians = rng.normal(size=(3, 4, 4))
    values = np.linalg.eigvals(third @ (second @ first))
    found = make_cycle(np.zeros((3, 4)), jacobians).eigenvalues
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(values), atol=1e-12)
    assert (np.diff(np.abs(found)) <= 1e-12).all()


def test_random_sets_of_starts_hold_regions_that_no_orbit_joins():
    """Both starts are fixed points of the tent map; its cycle of two has a point in the region of each."""
    starts = np.repeat([[-1.0], [1 / 3]], 10, axis=0)
    found = find_cycles(tent(), starts, 2, n_iterations=1)
    assert len(found) == 1
    np.testing.assert_allclose(found[0].points[:, 0], [-0.6 + 0.4, 0.6])


def test_a_line_attractor_is_found_along_its_length():
    direction = np.array([0.6, 0.8])
    starts = starts_in(2, 12)
    found = fixed_points_of_map(linear(np.outer(direction, direction)), starts)
    assert len(found) == 12 and {c.kind for c in found} == {"marginal"} and not any(c.stable for c in found)
    points = np.concatenate([c.points for c in found])
    np.testing.assert_allclose(sorted_rows(points), sorted_rows(np.outer(starts @ direction, direction)), atol=1e-9)


def test_a_map_without_fixed_points_has_none():
    drift = Smooth(lambda z, inputs=None: z + 1.0, lambda z: np.broadcast_to(np.eye(2), (*z.shape, 2)))
    assert fixed_points_of_map(drift, starts_in(2, 5)) == [] and find_cycles(drift, starts_in(2, 5), 3) == []


def test_smooth_maps_are_solved_by_newtons_steps():
    found = fixed_points_of_map(Lorenz63(), starts_in(3, 60, 15.0))
    c = np.sqrt(8 / 3 * 27)
    points = sorted_rows([cycle.points[0] for cycle in found])
    np.testing.assert_allclose(points, [[-c, -c, 27], [0, 0, 0], [c, c, 27]], atol=1e-6)
    assert {cycle.kind for cycle in found} == {"saddle"}


def test_chunks_of_starts_change_nothing(monkeypatch):
    latent_map, starts = random_map(3, 4, gain=4.0), starts_in(4, 50)
    whole = find_cycles(latent_map, starts, 2)
    # The package offers the function under the name of its module.
    monkeypatch.setattr(import_module("indl_vae.analysis.dynamics.find_cycles"), "_CHUNK", 100)
    parts = find_cycles(latent_map, starts, 2)
    assert len(whole) == len(parts) > 0
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one.points, other.points, atol=1e-9)


def test_one_guess_may_not_be_enough():
    """All starts lie where both units are silent, whose own fixed point (2, 2) is not silent."""
    silent = -1 - np.abs(starts_in(2, 10))
    assert fixed_points_of_map(bistable(), silent, n_iterations=1) == []
    assert len(fixed_points_of_map(bistable(), silent, n_iterations=5)) == 1


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.5, -0.9], "stable node"),
        ([0.9j, -0.9j, 0.1], "stable focus"),
        ([0.9, 0.3 + 0.2j, 0.3 - 0.2j], "stable node"),
        ([1.2, 0.5], "saddle"),
        ([1.2, 1.0], "saddle"),
        ([-1.2, 1.5], "unstable node"),
        ([1 + 1j, 1 - 1j], "unstable focus"),
        ([1.0, 0.2], "marginal"),
        ([1j, -1j], "marginal"),
        ([0.0], "stable node"),
    ],
)
def test_kinds(values, kind):
    assert kind_of_eigenvalues(np.array(values, complex)) == kind


def test_bad_arguments_are_refused():
    with pytest.raises(DataError, match=r"starts: expected states \(starts, latent dimensions\), got shape \(2,\)"):
        find_cycles(bistable(), np.zeros(2))
    with pytest.raises(DataError, match="starts: expected finite numbers, got NaN or infinity"):
        find_cycles(bistable(), [[np.nan, 0]])
    with pytest.raises(ConfigError, match="order: expected an integer of at least 1, got 0"):
        find_cycles(bistable(), np.zeros((1, 2)), 0)
    with pytest.raises(ConfigError, match="n_iterations: expected an integer of at least 1, got 0"):
        fixed_points_of_map(bistable(), np.zeros((1, 2)), n_iterations=0)
    with pytest.raises(ConfigError, match="tolerance: expected a finite number above 0, got 0"):
        find_cycles(bistable(), np.zeros((1, 2)), tolerance=0)
    with pytest.raises(ConfigError, match="merge_distance: expected a finite number above 0, got -1"):
        find_cycles(bistable(), np.zeros((1, 2)), merge_distance=-1)
    with pytest.raises(DataError, match=r"latent_map.jacobian: expected an array of shape \(1, 1, 2, 2\)"):
        find_cycles(Smooth(bistable().step, lambda z: np.eye(2)), np.zeros((1, 2)))
