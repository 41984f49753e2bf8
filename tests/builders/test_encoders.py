"""Both encoders: every kind of layer, widths, the lag, the static latent shown to the dynamic encoder."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.builders import create_f_encoder, create_z_encoder
from indl_vae.errors import ConfigError
from tests.builders.helpers import arrays, layer_names, run, wire

B, T, N, D = 3, 6, 5, 4
CELLS = ("GRU", "LSTM", "SimpleRNN", "GRUClip")
TYPES = [prefix + cell for cell in CELLS for prefix in ("", "Bidirectional")]


@pytest.mark.parametrize("rnn_type", TYPES)
@pytest.mark.parametrize("units", [12, [12, 18]])
def test_f_encoder_widths_and_names(rnn_type, units):
    model = wire(lambda x: create_f_encoder({"f_rnn_type": rnn_type, "f_units": units}, x), N)
    last = units if isinstance(units, int) else units[-1]
    assert model.outputs[0].shape == (None, last * (2 if "Bidirectional" in rnn_type else 1))
    expected = {"f_rnn_0"} if isinstance(units, int) else {"f_rnn_0", "f_rnn_1"}
    assert {name for name in layer_names(model) if name.startswith("f_")} == expected


@pytest.mark.parametrize("rnn_type", ["BidirectionalGRUClip", "BidirectionalLSTM"])
def test_f_encoder_reads_to_both_ends(rnn_type):
    """The forward half is the state at the end, the backward half the one at the beginning."""
    model = wire(lambda x: create_f_encoder({"f_rnn_type": rnn_type, "f_units": 3}, x), N)
    (x,) = arrays((1, T, N))
    before, end, start = (run(model, moved)[0][0] for moved in (x, _moved(x, T - 1), _moved(x, 0)))
    assert np.abs(end - before)[:3].max() > np.abs(end - before)[3:].max()
    assert np.abs(start - before)[3:].max() > np.abs(start - before)[:3].max()


def _moved(x, bin_):
    moved = x.copy()
    moved[:, bin_] += 3.0
    return moved


def test_directions_start_with_weights_of_their_own():
    model = wire(lambda x: create_f_encoder({"f_rnn_type": "BidirectionalGRUClip", "f_units": 3}, x), N)
    layer = model.get_layer("f_rnn_0")
    assert not np.array_equal(layer.forward_layer.cell.kernel, layer.backward_layer.cell.kernel)


@pytest.mark.parametrize("rnn_type", ["BidirectionalGRUClip", "BidirectionalLSTM", "GRU"])
def test_padded_trials_are_encoded_as_without_padding(rnn_type):
    params = {"f_rnn_type": rnn_type, "f_units": [3, 4], "z1_rnn_type": rnn_type, "z1_units": 3, "z1_lag": 1}
    plain = wire(lambda x: (create_f_encoder(params, x), create_z_encoder(params, x)), N)
    steps, inputs = keras.Input((None,)), keras.Input((None, N))
    codes = create_f_encoder(params, inputs, step_mask=steps), create_z_encoder(params, inputs, step_mask=steps)
    masked = keras.Model([inputs, steps], list(codes))
    masked.set_weights(plain.get_weights())
    (x,) = arrays((B, T, N))
    mask = np.repeat([[1, 1, 1, 1, 0, 0]], B, axis=0).astype("f4")
    junk = np.where(mask[..., None] > 0, x, 1e3).astype("f4")
    f, z = run(masked, junk, mask)
    f_alone, z_alone = run(plain, x[:, :4])
    np.testing.assert_allclose(f, f_alone, atol=1e-6)
    np.testing.assert_allclose(z[:, :4], z_alone, atol=1e-6)


@pytest.mark.parametrize("z1_rnn_type", [*TYPES, ""])
@pytest.mark.parametrize("merge", ["concat", "sum"])
def test_z_encoder_widths(z1_rnn_type, merge):
    params = {"z1_rnn_type": z1_rnn_type, "z1_units": 12, "z2_units": 0, "z1_merge": merge}
    model = wire(lambda x: create_z_encoder(params, x), N)
    assert model.outputs[0].shape == (None, None, 24 if "Bidirectional" in z1_rnn_type and merge == "concat" else 12)
    assert ("z_rnn_1" if z1_rnn_type else "z_dense_1") in layer_names(model)


@pytest.mark.parametrize("z2_rnn_type", ["SimpleRNN", "LSTM", "BidirectionalGRU"])
def test_second_layer(z2_rnn_type):
    params = {"z1_units": 4, "z2_units": 6, "z2_rnn_type": z2_rnn_type}
    model = wire(lambda x: create_z_encoder(params, x), N)
    width = 12 if "Bidirectional" in z2_rnn_type else 6
    assert run(model, *arrays((B, T, N)))[0].shape == (B, T, width)
    assert model.get_layer("z_rnn_2") is not None


def test_a_dense_encoder_knows_its_own_bin_only():
    model = wire(lambda x: create_z_encoder({"z1_rnn_type": "", "z1_units": 4, "z2_units": 0}, x), N)
    (x,) = arrays((1, T, N))
    changed = np.abs(run(model, _moved(x, 2))[0] - run(model, x)[0])[0].max(-1) > 0
    np.testing.assert_array_equal(changed, np.arange(T) == 2)


@pytest.mark.parametrize("lag", [0, 1, 2])
@pytest.mark.parametrize("merge", ["concat", "sum"])
def test_lag_shifts_the_halves_apart(lag, merge):
    shared = {"z1_units": 3, "z2_units": 0, "z1_merge": merge}
    plain = wire(lambda x: create_z_encoder({**shared, "z1_merge": "concat"}, x), N)
    lagged = wire(lambda x: create_z_encoder({**shared, "z1_lag": lag}, x, extra_bins=2), N)
    (x,) = arrays((B, T, N))
    codes, got = run(plain, x)[0], run(lagged, x)[0]
    forward = np.pad(codes[..., :3], ((0, 0), (lag, 2), (0, 0)))[:, : T + 2] * (np.arange(T + 2) < T)[:, None]
    backward = np.pad(codes[:, lag:, 3:], ((0, 0), (0, lag + 2), (0, 0)))
    expected = forward + backward if merge == "sum" else np.concatenate([forward, backward], axis=-1)
    np.testing.assert_allclose(got, expected, atol=1e-6)


@pytest.mark.parametrize("pre", [True, False])
@pytest.mark.parametrize("z1_rnn_type", ["BidirectionalLSTM", ""])
def test_the_static_latent_enters_before_the_first_or_the_second_layer(pre, z1_rnn_type):
    params = {"z1_rnn_type": z1_rnn_type, "z1_units": 4, "z2_units": 6}
    model = wire(lambda x, f: create_z_encoder(params, x, f, f_inputs_pre_z1=pre), N, D, static=(1,))
    x, f, other = arrays((B, T, N), (B, D), (B, D))
    assert run(model, x, f)[0].shape == (B, T, 6)
    assert not np.array_equal(run(model, x, f)[0], run(model, x, other)[0])
    names = layer_names(model)
    assert ("f_to_z1" in names) == pre and ("f_to_z2" in names) != pre
    first = model.get_layer("z_rnn_1" if z1_rnn_type else "z_dense_1")
    assert first.input.shape[-1] == (N + D if pre else N)


def test_a_static_latent_without_a_second_layer_to_enter_is_refused():
    params = {"z1_units": 4, "z2_units": 0}
    with pytest.raises(ConfigError, match="f_inputs_pre_z1"):
        wire(lambda x, f: create_z_encoder(params, x, f, f_inputs_pre_z1=False), N, D, static=(1,))


@pytest.mark.parametrize(
    ("builder", "params", "message"),
    [
        (create_f_encoder, {"f_rnn_type": "Transformer"}, "f_rnn_type.*BidirectionalGRUClip"),
        (create_f_encoder, {"f_units": 0}, "f_units"),
        (create_f_encoder, {"f_unit": 3}, "Did you mean 'f_units'"),
        (create_z_encoder, {"z1_lag": -1}, "z1_lag"),
        (create_z_encoder, {"z1_merge": "mean"}, "z1_merge"),
        (create_z_encoder, {"z1_unit": 3}, "Did you mean 'z1_units'"),
    ],
)
def test_parameters_that_cannot_be_are_refused(builder, params, message):
    with pytest.raises(ConfigError, match=message):
        builder(params, keras.Input((None, N)))
