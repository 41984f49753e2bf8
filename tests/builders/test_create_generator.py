"""The generator whose latents are drawn before it: cells, initial states, tiling, external input."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.builders import create_generator
from indl_vae.errors import ConfigError
from tests.builders.helpers import arrays, layer_names, run, wire

B, T, D, Z, U = 3, 5, 4, 2, 3
CELLS = ("GRU", "LSTM", "SimpleRNN", "GRUClip")
TYPES = [prefix + cell for cell in CELLS for prefix in ("", "Bidirectional")]
BASE = {"gen_units": 8, "n_factors": 6, "dropout_rate": 0.0}


def model_of(z_width=Z, ext=False, **params):
    def build(f, z, *more):
        return create_generator({**BASE, **params}, f, z, *more)

    return wire(build, D, z_width, *([U] if ext else []), static=(0,))


@pytest.mark.parametrize("tile", [False, True], ids=["initial state", "tiled"])
@pytest.mark.parametrize("cell", TYPES)
def test_shapes_and_names(cell, tile):
    model = model_of(gen_cell_type=cell, gen_tile_input=tile)
    widths = [16 if "Bidirectional" in cell else 8, 6]
    assert [part.shape for part in model.outputs] == [(None, None, width) for width in widths]
    assert {"gen_rnn", "factors", "gen_dropout"} <= layer_names(model)
    n_states = (2 if "LSTM" in cell else 1) * (2 if "Bidirectional" in cell else 1)
    initial = {name for name in layer_names(model) if name.startswith("gen_init")}
    assert len(initial) == (0 if tile else n_states)
    assert ("f_to_gen" in layer_names(model)) == tile


@pytest.mark.parametrize(("cell", "tile"), [*((cell, False) for cell in TYPES), ("GRUClip", True), ("LSTM", True)])
def test_both_latents_and_the_external_input_matter(cell, tile):
    model = model_of(gen_cell_type=cell, gen_tile_input=tile, ext=True)
    inputs = arrays((B, D), (B, T, Z), (B, T, U))
    states, before = run(model, *inputs)
    assert states.shape == (B, T, model.outputs[0].shape[-1]) and before.shape == (B, T, 6)
    for i in range(3):
        moved = list(inputs)
        moved[i] = inputs[i] + 1.0
        assert np.abs(run(model, *moved)[1] - before).max() > 1e-3


@pytest.mark.parametrize("cell", ["GRU", "LSTM", "SimpleRNN", "GRUClip", "BidirectionalGRUClip"])
def test_a_static_latent_alone_drives_the_generator(cell):
    model = model_of(z_width=0, gen_cell_type=cell)
    f, z = arrays((B, D), (B, T, 0))
    factors = run(model, f, z)[1]
    assert factors.shape == (B, T, 6) and np.ptp(factors, axis=0).max() > 0


def test_initial_state_is_an_affine_map_of_f():
    model = model_of(gen_cell_type="SimpleRNN")
    f, z = arrays((B, D), (B, T, Z))
    initial = f @ model.get_layer("gen_init").kernel.numpy() + model.get_layer("gen_init").bias.numpy()
    kernel, recurrent, bias = model.get_layer("gen_rnn").get_weights()
    state, states = initial, []
    for t in range(T):
        state = np.tanh(z[:, t] @ kernel + state @ recurrent + bias)
        states.append(state)
    got, factors = run(model, f, z)
    np.testing.assert_allclose(got, np.stack(states, axis=1), atol=1e-5)
    np.testing.assert_allclose(factors, got @ model.get_layer("factors").kernel.numpy(), atol=1e-5)


def test_every_weight_gets_a_gradient():
    import tensorflow as tf

    for cell in ("BidirectionalLSTM", "BidirectionalGRUClip"):
        model = model_of(gen_cell_type=cell)
        with tf.GradientTape() as tape:
            loss = tf.add_n([tf.reduce_sum(tf.sin(part)) for part in model(arrays((B, D), (B, T, Z)))])
        for weight, gradient in zip(
            model.trainable_weights, tape.gradient(loss, [w.value for w in model.trainable_weights]), strict=True
        ):
            assert gradient is not None and np.abs(gradient).max() > 0, weight.path


def test_dropout_lies_between_states_and_factors():
    model = model_of(gen_cell_type="GRU", dropout_rate=0.5)
    inputs = arrays((B, D), (B, T, Z))
    (states, factors), (again, dropped) = (run(model, *inputs, training=on) for on in (False, True))
    np.testing.assert_allclose(states, again, atol=1e-6)
    assert not np.allclose(factors, dropped)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"gen_cell_type": "Complex"},
            "create_generator expected a recurrent layer, got 'Complex'; .*create_generator_lfads",
        ),
        ({"gen_cell_type": "MLP"}, "gen_cell_type"),
        ({"gen_unit": 3}, "Did you mean 'gen_units'"),
    ],
)
def test_parameters_that_cannot_be_are_refused(params, message):
    with pytest.raises(ConfigError, match=message):
        create_generator(params, keras.Input((D,)), keras.Input((None, Z)))
