"""What the f encoder puts out: states of the last layer or of all, both directions side by side or summed."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.builders import create_f_encoder

B, T, M = 3, 6, 2


def encoded(**params):
    inputs = keras.Input((None, M))
    model = keras.Model(inputs, create_f_encoder({"seed": 1, **params}, inputs))
    return model, np.asarray(model(np.random.default_rng(0).normal(size=(B, T, M)).astype("f4")))


@pytest.mark.parametrize("cell", ["LSTM", "GRUClip"])
def test_both_directions_are_summed(cell):
    options = {"f_rnn_type": f"Bidirectional{cell}", "f_units": [4]}
    beside, summed = encoded(**options)[1], encoded(**options, f_merge="sum")[1]
    np.testing.assert_allclose(summed, beside[:, :4] + beside[:, 4:], rtol=1e-6)


@pytest.mark.parametrize(("rnn_type", "width"), [("LSTM", 1), ("BidirectionalLSTM", 2)])
def test_states_of_all_layers(rnn_type, width):
    options = {"f_rnn_type": rnn_type, "f_units": [4, 5]}
    model, states = encoded(**options, f_states="all_layers")
    last = encoded(**options)[1]
    assert states.shape == (B, 9 * width)
    np.testing.assert_allclose(states[:, 4 * width :], last, rtol=1e-6)
    x = np.random.default_rng(0).normal(size=(B, T, M)).astype("f4")
    first = np.asarray(model.get_layer("f_rnn_0")(x))
    expected = first[:, -1] if width == 1 else np.concatenate([first[:, -1, :4], first[:, 0, 4:]], -1)
    np.testing.assert_allclose(states[:, : 4 * width], expected, rtol=1e-6)
