"""What the document that the library started from prints: names, shapes and numbers of weights."""

from __future__ import annotations

import keras
import numpy as np

from indl_vae.builders import create_f_encoder, create_z_encoder, make_f_variational, prepare_inputs
from tests.builders.helpers import arrays, layer_names, run, wire

PARAMS = {"f_rnn_type": "BidirectionalGRUClip", "f_units": [128], "f_latent_size": 10}
N = 36


def count(model: keras.Model, name: str) -> int:
    return model.get_layer(name).count_params()


def test_f_encoder_model():
    model = wire(lambda x: make_f_variational(PARAMS, create_f_encoder(PARAMS, x)), N, name="f_encoder_model")
    assert model.name == "f_encoder_model"
    assert [count(model, name) for name in ("f_rnn_0", "f_loc", "f_scale")] == [126_720, 2_570, 2_570]
    assert model.count_params() == 131_860
    assert model.non_trainable_weights == []
    assert model.get_layer("f_rnn_0").output.shape == (None, 256)
    assert isinstance(model.get_layer("f_rnn_0"), keras.layers.Bidirectional)
    assert [part.shape for part in run(model, *arrays((16, 24, N)))] == [(16, 10)] * 3


def test_f_encoder_starts_with_the_posterior_of_its_initial_deviation():
    model = wire(lambda x: make_f_variational(PARAMS, create_f_encoder(PARAMS, x)), N)
    _, _, scale = run(model, np.zeros((2, 5, N), "f4"))
    np.testing.assert_allclose(scale, 0.1 + 1e-5, rtol=1e-5)


def test_z_encoder_model():
    params = {"z1_rnn_type": "BidirectionalGRUClip", "z1_units": 16, "z2_units": 0}
    model = wire(lambda x: create_z_encoder(params, x), N, name="z_encoder_model")
    assert layer_names(model) == {model.layers[0].name, "z_rnn_1"}
    assert count(model, "z_rnn_1") == model.count_params() == 5_088
    assert model.output_shape in ((None, None, 32), [(None, None, 32)])
    assert run(model, *arrays((16, 246, N)))[0].shape == (16, 246, 32)


def test_z_encoder_with_f_and_a_second_layer():
    params = {"z1_rnn_type": "BidirectionalGRUClip", "z1_units": 16, "z2_units": 16, "z1_merge": "sum"}
    model = wire(lambda x, f: create_z_encoder(params, x, f_sample=f), N, 10, static=(1,))
    assert [count(model, name) for name in ("z_rnn_1", "z_rnn_2")] == [6_048, 528]


def test_prepare_inputs_model():
    model = wire(lambda x: prepare_inputs({}, x), N)
    assert model.count_params() == 0
    outputs = model(arrays((16, 246, N)))
    assert [tuple(part.shape) for part in outputs] == [(16, 246, N)] * 3
    assert [part.dtype.name for part in outputs] == ["float32", "float32", "bool"]
    assert [part.shape for part in model.outputs] == [(None, None, N)] * 3


def test_prepare_inputs_with_a_segment_and_a_read_in():
    model = wire(lambda x: prepare_inputs({"f_enc_input_samps": 20, "input_factors": 24}, x), N)
    f_inputs, z_inputs, mask = run(model, *arrays((16, 50, N)))
    assert (f_inputs.shape, z_inputs.shape, mask.shape) == ((16, 20, 24), (16, 50, 24), (16, 50, N))
    assert mask.dtype == bool
    assert model.count_params() == N * 24 + 24, "one read-in for both encoders"
