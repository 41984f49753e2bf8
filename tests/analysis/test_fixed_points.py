"""Fixed points of maps whose fixed points are known."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.analysis.fixed_point_search import merge
from indl_vae.analysis.fixed_points import FixedPoints, find_fixed_points
from indl_vae.analysis.fixed_points_file import write_fixed_points
from indl_vae.analysis.fixed_points_table import fixed_points_table
from indl_vae.analysis.generator_map import factors_of, generator_fixed_points, generator_map, visited_starts
from indl_vae.analysis.linearisation import frequencies, jacobians, time_constants
from indl_vae.errors import ConfigError, DataError
from indl_vae.inference.gru_step import gru_step
from tests.models.helpers import counts, tiny

ANGLE, MODULUS = 0.3, 0.9
TURN = MODULUS * np.array([[np.cos(ANGLE), -np.sin(ANGLE)], [np.sin(ANGLE), np.cos(ANGLE)]])
SHIFT = np.array([0.5, -0.2])


def starts(units, n=24, spread=2.0):
    return np.random.default_rng(0).normal(size=(n, units)) * spread


def affine(matrix, shift):
    """The map `h -> matrix h + shift`."""
    return lambda states: tf.matmul(states, matrix, transpose_b=True) + shift


def gru(bias, gates, candidate, clip=None):
    """A GRU without inputs; arguments as those of `gru_step`."""
    arrays = [tf.constant(np.asarray(a, np.float64)) for a in (bias, gates, candidate)]
    return lambda states: gru_step(None, arrays[0], states, *arrays[1:], clip).state


def bistable(weight=2.0):
    """One unit, gates at rest: `h' = (h + tanh(weight sigmoid(b) h)) / 2`, with b so large that the reset is 1."""
    return gru([0.0, 40.0, 0.0], np.zeros((1, 2)), [[weight]])


def test_a_rotation_has_one_stable_spiral():
    found = find_fixed_points(affine(TURN, SHIFT), starts(2), bin_width_s=0.01)
    np.testing.assert_allclose(found.points, np.linalg.solve(np.eye(2) - TURN, SHIFT)[None], atol=1e-10)
    np.testing.assert_allclose(found.jacobians[0], TURN, atol=1e-12)
    assert found.kinds == ["stable"] and found.n_unstable.tolist() == [0] and found.speed[0] < 1e-20
    np.testing.assert_allclose(found.time_constants, -1 / np.log(MODULUS))
    np.testing.assert_allclose(found.time_constants_s, -0.01 / np.log(MODULUS))
    np.testing.assert_allclose(found.frequencies_hz, ANGLE / (2 * np.pi) / 0.01)
    nearest = np.linalg.norm(starts(2) - found.points, axis=1).min()
    np.testing.assert_allclose(found.distances, [nearest])


def test_a_bistable_unit_has_two_stable_points_and_a_saddle_between():
    found = find_fixed_points(bistable(), starts(1))
    high = 1.0
    for _ in range(200):
        high = np.tanh(2.0 * high)
    order = np.argsort(found.points[:, 0])
    np.testing.assert_allclose(found.points[order, 0], [-high, 0.0, high], atol=1e-9)
    assert [found.kinds[i] for i in order] == ["stable", "unstable", "stable"]
    slope = 0.5 + 0.5 * 2.0 * (1 - high**2)
    np.testing.assert_allclose(found.eigenvalues[order, 0], [slope, 1.5, slope], atol=1e-9)
    assert found.time_constants[order[1], 0] < 0 and found.time_constants_s is None and found.frequencies_hz is None


def test_two_units_make_a_saddle():
    step = gru([0.0] * 2 + [40.0] * 2 + [0.0] * 2, np.zeros((2, 4)), np.diag([2.0, 0.5]))
    found = find_fixed_points(step, starts(2))
    kinds = {tuple(np.round(p, 2) + 0.0): kind for p, kind in zip(found.points, found.kinds, strict=True)}
    assert kinds == {(0.96, 0.0): "stable", (-0.96, 0.0): "stable", (0.0, 0.0): "saddle"}
    assert found.n_unstable.sum() == 1


def test_a_line_attractor_is_found_along_its_length():
    direction = np.array([0.6, 0.8])
    found = find_fixed_points(affine(np.outer(direction, direction), np.zeros(2)), starts(2), merge_distance=0.1)
    assert len(found) > 5 and set(found.kinds) == {"marginal"}
    np.testing.assert_allclose(found.points @ [-0.8, 0.6], 0.0, atol=1e-8)
    assert np.abs(found.points @ direction).max() > 1.5
    assert (found.eigenvalues[:, 0].real > 0.999).all()


def test_a_clipped_unit_depends_on_nothing():
    """The candidate tends to 1, the limit is 0.5: that coordinate's row of the Jacobian is 0."""
    step = gru([0.0] * 4 + [9.0, 0.0], np.zeros((2, 4)), [[0.0, 1.0], [0.0, 0.0]], clip=0.5)
    found = find_fixed_points(step, starts(2, spread=0.3))
    assert found.points[0, 0] == 0.5 and found.kinds == ["stable"]
    np.testing.assert_array_equal(found.jacobians[0][0], [0.0, 0.0])
    assert np.isclose(found.jacobians[0][1, 1], 0.5) and found.jacobians[0][1, 0] > 0.05
    np.testing.assert_allclose(found.eigenvalues[0], [0.5, 0.0], atol=1e-12)


def test_no_fixed_point_is_an_empty_answer():
    found = find_fixed_points(affine(np.eye(2), np.ones(2)), starts(2), n_steps=5)
    assert len(found) == 0 and found.eigenvalues.shape == (0, 2) and found.kinds == []
    assert fixed_points_table(found) == ["No fixed point found. Raise --max-speed to see slow points, or --starts."]
    slow = find_fixed_points(affine(np.eye(2), np.ones(2)), starts(2), n_steps=5, max_speed=2.0)
    np.testing.assert_allclose(slow.speed, 1.0)


def test_modes_in_bins():
    values = np.array([np.exp(-0.1), 1.0, np.exp(0.1), 0.0, -0.5, 0.5j])
    np.testing.assert_allclose(time_constants(values)[:4], [10.0, np.inf, -10.0, 0.0])
    np.testing.assert_allclose(frequencies(values), [0.0, 0.0, 0.0, 0.0, 0.5, 0.25])


def test_jacobians_are_finite_differences():
    step, states = generator_map(tiny()), starts(9, 3, 0.5)
    by_hand = np.stack(
        [
            (step(tf.constant(states + 1e-6 * e)).numpy() - step(tf.constant(states - 1e-6 * e)).numpy()) / 2e-6
            for e in np.eye(9)
        ],
        axis=-1,
    )
    np.testing.assert_allclose(jacobians(step, states), by_hand, atol=1e-8)


def test_points_that_are_near_are_one():
    states = np.array([[0.0], [0.05], [1.0], [1.2]])
    np.testing.assert_array_equal(merge(states, np.array([2.0, 1.0, 3.0, 4.0]), 0.1), [[0.05], [1.0], [1.2]])


@pytest.fixture(scope="module")
def model():
    return tiny(ext_input_dim=2)


@pytest.fixture(scope="module")
def gen_states(model):
    batch = {"x": counts(4), "ext_input": np.zeros((4, 5, 2), "f4")}
    return model.posterior(batch, push_mean=True)["gen_states"]


def test_the_map_is_the_generator_of_the_model(model, gen_states):
    """Under a constant input the model's own roll-out is the map applied again and again."""
    z, ext = np.full((4, 3, 2), 0.3, "f4"), np.full((4, 3, 2), -0.2, "f4")
    rolled = model.core.get_layer("complex_rnn").generate(gen_states[:, 0], z, ext).gen_states
    step, state = generator_map(model, [0.3, 0.3, -0.2, -0.2]), tf.constant(gen_states[:, 0].astype("f8"))
    for t in range(3):
        state = step(state)
        np.testing.assert_allclose(state, rolled[:, t], atol=1e-6)


def test_fixed_points_of_a_generator_stand_still(model, gen_states, tmp_path):
    found = generator_fixed_points(model, gen_states, n_starts=8)
    assert 1 <= len(found) <= 8 and found.bin_width_s == 0.01
    after = model.core.get_layer("complex_rnn").generate(
        found.points.astype("f4"), np.zeros((len(found), 20, 2), "f4"), np.zeros((len(found), 20, 2), "f4")
    )
    stays = np.array([kind == "stable" for kind in found.kinds])
    np.testing.assert_allclose(after.gen_states[stays][:, -1], found.points[stays], atol=1e-4)
    assert [line.split()[1] for line in fixed_points_table(found)[1:]] == found.kinds
    with h5py.File(write_fixed_points(tmp_path / "f.h5", found, model)) as file:
        np.testing.assert_array_equal(file["points"], found.points)
        np.testing.assert_allclose(file["factors"], factors_of(model, found.points))
        np.testing.assert_array_equal(file["eigenvalues_imag"], found.eigenvalues.imag)
        assert file.attrs["bin_width_s"] == 0.01 and file["inputs"].shape == (0,)


def test_starts_are_visited_states_with_noise(gen_states):
    flat = gen_states.reshape(-1, 9)
    np.testing.assert_array_equal(np.sort(visited_starts(gen_states, 99, 0.0, 0), axis=0), np.sort(flat, axis=0))
    noisy = visited_starts(np.concatenate([flat] * 50), 1000, 0.1, 1)
    assert noisy.shape == (1000, 9) and not (noisy == visited_starts(np.concatenate([flat] * 50), 1000, 0.1, 2)).all()
    distance = np.linalg.norm((noisy[:, None] - flat) / flat.std(0), axis=-1).min(1)
    assert 0.15 < np.median(distance) < 0.4  # 0.1 times the square root of 9


def test_bad_arguments_are_refused(model, gen_states):
    step = affine(TURN, SHIFT)
    with pytest.raises(ConfigError, match="max_speed: expected a number above 0, got 0"):
        find_fixed_points(step, starts(2), max_speed=0)
    with pytest.raises(ConfigError, match="n_steps: expected an integer >= 0, got -1"):
        find_fixed_points(step, starts(2), n_steps=-1)
    with pytest.raises(DataError, match=r"starts: expected states \(number, units\), got shape \(3,\)"):
        find_fixed_points(step, np.zeros(3))
    with pytest.raises(DataError, match="starts: expected finite numbers"):
        find_fixed_points(step, np.full((2, 2), np.nan))
    with pytest.raises(ConfigError, match="inputs: expected 4 finite numbers .* got \\[1.0\\]"):
        generator_map(model, [1.0])
    with pytest.raises(DataError, match=r"gen_states: expected \(trials, bins, 9\)"):
        generator_fixed_points(model, gen_states[..., :3])
    with pytest.raises(ConfigError, match="n_starts, noise: expected at least 1 and 0"):
        generator_fixed_points(model, gen_states, n_starts=0)


def test_a_long_table_is_cut():
    k = 23
    found = FixedPoints(
        np.zeros((k, 1)), np.zeros(k), np.zeros((k, 1, 1)), np.full((k, 1), 0.5 + 0j), np.zeros(k), bin_width_s=None
    )
    lines = fixed_points_table(found)
    assert len(lines) == 22 and lines[-1] == "... and 3 more in the file" and "slowest (bins)" in lines[0]
