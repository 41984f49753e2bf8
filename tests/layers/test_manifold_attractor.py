"""The penalty of the manifold attractor, and how many states each group has."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.layers import ClippedDendriticStep, ManifoldAttractor, ShallowStep
from indl_vae.layers.manifold_attractor import strength_of_states


@pytest.mark.parametrize(
    ("dim", "ratios", "sizes"),
    [(10, [0.5, 0.3], [5, 3, 2]), (7, [0.5, 0.3], [4, 2, 1]), (5, [0.5, 0.5], [3, 2, 0]), (3, [0.5, 0.25], [1, 1, 1])],
)
def test_groups_have_the_published_sizes(dim, ratios, sizes):
    expected = np.repeat([1.0, 2.0, 0.0], sizes)
    np.testing.assert_array_equal(strength_of_states(dim, ratios, [1.0, 2.0]), expected)
    np.testing.assert_array_equal(strength_of_states(dim, ratios, [1.0, 2.0], "last"), expected[::-1])


@pytest.mark.parametrize("norm", ["l2", "l1"])
@pytest.mark.parametrize("axis", ["row", "col"])
def test_the_penalty_entry_by_entry(rng, axis, norm):
    step = ClippedDendriticStep(5, 2, seed=1)
    step.square.assign(rng.normal(size=(5, 5)))
    power = np.square if norm == "l2" else np.abs
    square, bias, tau = step.square.numpy(), step.bias.numpy(), strength_of_states(5, [0.4, 0.2], [0.7, 2.0])
    expected = 0.0
    for i in range(5):
        expected += tau[i] * (power(square[i, i] - 1) + power(bias[i]))
        for j in range(5):
            expected += 0.0 if i == j else (tau[i] if axis == "row" else tau[j]) * power(square[i, j])
    layer = ManifoldAttractor(step, [0.4, 0.2], [0.7, 2.0], axis, norm)
    np.testing.assert_allclose(layer(np.zeros((3, 2))), np.full(3, expected), rtol=1e-5)


def test_a_state_without_penalty_keeps_what_it_holds():
    step = ClippedDendriticStep(3, 2, seed=1)
    square = step.square.numpy()
    square[0] = [1.0, 0.0, 0.0]
    step.square.assign(square)
    step.bias.assign([0.0, 1.0, 1.0])
    assert float(ManifoldAttractor(step, [0.34], [1.0])(np.zeros((1, 1)))[0]) == 0.0
    z = np.array([[0.7, 2.0, -1.0]], "f4")
    for _ in range(50):
        z = step(z).numpy()
    assert z[0, 0] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda s: ManifoldAttractor(s, [0.5], [1.0, 2.0]), "expected one for each of 1 reg_ratios, got 2"),
        (lambda s: ManifoldAttractor(s, [0.7, 0.7], [1.0, 2.0]), "expected shares that add up to at most 1"),
        (lambda s: ManifoldAttractor(s, [0.5], [1.0], axis="both"), "expected axis row or col"),
        (lambda s: ManifoldAttractor(ShallowStep(3, 5), [0.5], [1.0], axis="col"), "Choose axis = 'row'"),
    ],
)
def test_what_does_not_fit_is_refused(made, message):
    with pytest.raises(ConfigError, match=message):
        made(ClippedDendriticStep(3, 2))
