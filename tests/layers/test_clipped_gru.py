"""The clipped GRU as a layer: its states, masks, directions and initial state."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.layers import ClippedGRU, ClippedGRUCell
from tests.reference.lfads_numpy import gru_step

B, T, N, H = 3, 6, 4, 5
PARTS = ("kernel", "recurrent_kernel", "bias")


@pytest.fixture
def x(rng):
    return rng.normal(size=(B, T, N)).astype("f4") * 2


def make(**options):
    layer = ClippedGRU(H, **{"clip_value": 0.4, "return_sequences": True, "seed": 1, **options})
    layer.build((B, T, N))
    return layer


def states_of(layer, x, clip, initial=None, mask=None):
    """Returns the states by the oracle of the whole model, in float64."""
    weights = {f"gru/{name}": getattr(layer.cell, name).numpy().astype("f8") for name in PARTS}
    state, states = np.zeros((B, H)) if initial is None else initial, []
    for t in range(x.shape[1]):
        new = gru_step(weights, "gru", x[:, t].astype("f8"), state, clip)
        state = new if mask is None else np.where(mask[:, t, None] > 0, new, state)
        states.append(state)
    return np.stack(states, axis=1)


@pytest.mark.parametrize("route", ["fused", "keras"])
@pytest.mark.parametrize("clip", [0.4, None, float("inf")])
def test_states_are_those_of_the_oracle(x, clip, route):
    layer = make(clip_value=clip, route=route)
    states = layer(x).numpy()
    np.testing.assert_allclose(states, states_of(layer, x, clip or np.inf), atol=1e-5)
    assert (np.abs(states).max() > 0.4) == (clip != 0.4)


def test_initial_state_is_given_learned_or_zero(x, rng):
    initial = rng.uniform(-0.3, 0.3, (B, H)).astype("f4")
    layer = make()
    np.testing.assert_allclose(layer(x, initial_state=initial), states_of(layer, x, 0.4, initial), atol=1e-5)
    np.testing.assert_array_equal(layer(x, initial_state=[initial]), layer(x, initial_state=initial))
    learned = make(learn_initial_state=True)
    assert [w.name for w in learned.weights if w.shape == (1, H)] == ["h0"]
    np.testing.assert_array_equal(learned(x), layer(x))
    learned.initial_state_weight.assign(initial[:1])
    expected = states_of(layer, x, 0.4, np.repeat(initial[:1], B, axis=0))
    np.testing.assert_allclose(learned(x), expected, atol=1e-5)


def test_last_state_with_and_without_the_sequence(x):
    states = make()(x).numpy()
    np.testing.assert_array_equal(make(return_sequences=False)(x), states[:, -1])
    sequence, last = make(return_state=True)(x)
    np.testing.assert_array_equal(sequence, states)
    np.testing.assert_array_equal(last, states[:, -1])


@pytest.mark.parametrize("junk", [1e9, np.nan])
def test_masked_bins_carry_the_state_whatever_stands_there(x, junk):
    mask = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 1, 1], [1, 1, 1, 0, 0, 0]], "f4")
    layer = make()
    expected = states_of(layer, x, 0.4, mask=mask)
    dirty = np.where(mask[..., None] > 0, x, junk).astype("f4")
    np.testing.assert_allclose(layer(dirty, mask=mask), expected, atol=1e-5)


def test_backwards_runs_from_the_end(x):
    layer = make(go_backwards=True)
    np.testing.assert_allclose(layer(x), states_of(layer, x[:, ::-1], 0.4), atol=1e-5)


def test_both_directions_of_a_padded_trial_are_those_of_the_trial_alone(x):
    backward = ClippedGRU(H, return_sequences=True, go_backwards=True, learn_initial_state=True, seed=2)
    both = keras.layers.Bidirectional(make(learn_initial_state=True), backward_layer=backward)
    alone = both(x[:, :4]).numpy()
    for layer in (both.forward_layer, both.backward_layer):
        layer.initial_state_weight.assign(np.linspace(-0.3, 0.3, H)[None])
    alone = both(x[:, :4]).numpy()
    mask = np.repeat([[1, 1, 1, 1, 0, 0]], B, axis=0).astype("f4")
    padded = both(np.where(mask[..., None] > 0, x, 1e9), mask=mask).numpy()
    np.testing.assert_allclose(padded[:, :4], alone, atol=1e-6)


def test_a_cell_without_inputs_has_no_input_kernel():
    cell = ClippedGRUCell(H, seed=1)
    cell.build((None, 0))
    assert [w.name for w in cell.weights] == ["recurrent_kernel", "bias"]
    output, (state,) = cell(np.zeros((B, 0), "f4"), [np.full((B, H), 0.3, "f4")])
    assert output.shape == state.shape == (B, H)


def test_rows_of_the_input_kernel_project_parts_of_the_input(x):
    cell = make().cell
    parts = cell.project(x[..., :2], 0, 2).numpy() + cell.project(x[..., 2:], 2).numpy()
    np.testing.assert_allclose(parts, cell.project(x), atol=1e-5)
    np.testing.assert_array_equal(cell.project(x[..., :0], 0, 0), np.zeros((B, T, 3 * H)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": 0}, "units of ClippedGRUCell: expected a positive integer, got 0"),
        ({"clip_value": 0.0}, "clip_value: expected a positive number, or None for no clipping, got 0.0"),
        ({"clip_value": float("nan")}, "clip_value: expected a positive number"),
        ({"route": "scan"}, r"route: expected one of \('fused', 'keras', 'loop'\), got 'scan'"),
        ({"gate_bias": "two"}, "gate_bias: expected one of"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        ClippedGRU(**{"units": 3, **options})
