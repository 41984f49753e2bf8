"""Initial weights of the GRUs."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.layers import ClippedGRUCell
from indl_vae.layers.gru_initializers import GateBias, child_seed, keras_initializer, kernel_initializer


@pytest.mark.parametrize(("kind", "expected"), [("ones", [1, 1, 0]), ("forget", [1, 0, 0]), ("zeros", [0, 0, 0])])
def test_gate_biases(kind, expected):
    cell = ClippedGRUCell(4, gate_bias=kind)
    cell.build((None, 3))
    np.testing.assert_array_equal(cell.bias, np.repeat(expected, 4))
    assert GateBias.from_config(GateBias(kind).get_config()).kind == kind


@pytest.mark.parametrize(
    ("kind", "kernel", "recurrent"), [("lecun_normal", 30**-0.5, 90**-0.5), ("joint_normal", 120**-0.5, 120**-0.5)]
)
def test_deviation_of_the_kernels(kind, kernel, recurrent):
    cell = ClippedGRUCell(90, kernel_init=kind, seed=1)
    cell.build((None, 30))
    assert np.std(cell.kernel) == pytest.approx(kernel, rel=0.03)
    assert np.std(cell.recurrent_kernel) == pytest.approx(recurrent, rel=0.03)


@pytest.mark.parametrize("kind", ["orthogonal", "glorot_uniform", "joint_normal", "zeros"])
def test_initializers_of_keras_get_a_seed_of_their_own(kind):
    first, again, other = (keras_initializer(kind, seed, "kernel")((6, 6)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert kind == "zeros" or not np.array_equal(first, other)


def test_any_keras_name_serves_as_a_kernel_initializer():
    initializer = kernel_initializer("glorot_uniform", 3, 7, 1, "kernel")
    assert isinstance(initializer, keras.initializers.GlorotUniform)


def test_seeds_of_weights_differ_by_name_and_none_stays_none():
    assert child_seed(None, "kernel") is None
    assert child_seed(1, "kernel") == child_seed(1, "kernel") != child_seed(1, "bias")


def test_unknown_names_are_refused():
    with pytest.raises(ConfigError, match=r"gate_bias: expected one of \['forget', 'ones', 'zeros'\], got 'two'"):
        ClippedGRUCell(3, gate_bias="two")
