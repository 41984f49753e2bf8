"""LFADS's generator from the seed's keys: sizes, names, the controller inside, the external input."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import builders
from indl_vae.builders import LFADSGenerator, create_generator_lfads, create_z_encoder, make_z_variational
from indl_vae.errors import ConfigError
from tests.builders.helpers import arrays, layer_names, run, wire

B, T, D, K, U = 3, 5, 4, 6, 2
COMPLEX = {"gen_cell_type": "Complex", "gen_units": 7, "n_factors": 3, "z_latent_size": 2, "con_units": 5}


def model_of(ext=False, k=K, **params):
    def build(f, z1, *more):
        return create_generator_lfads({**COMPLEX, **params}, f, z1, *more)

    return wire(build, D, k, *([U] if ext else []), static=(0,))


def outputs(model, *shapes):
    return LFADSGenerator(*run(model, *arrays(*shapes)))


def test_the_spelling_of_the_seed_is_the_same_function():
    assert builders.create_generator_LFADS is create_generator_lfads


def test_shapes_and_names():
    model = model_of()
    out = outputs(model, (B, D), (B, T, K))
    widths = {"gen_states": 7, "factors": 3, "con_states": 5, "z_mean": 2, "z_logvar": 2, "z_sample": 2}
    assert {name: getattr(out, name).shape for name in widths} == {name: (B, T, w) for name, w in widths.items()}
    assert out.gen_init.shape == (B, 7)
    assert {"gen_init", "complex_rnn"} <= layer_names(model)
    np.testing.assert_array_equal(out.z_sample, out.z_mean)


def test_seed_sizes_have_the_seed_numbers_of_weights():
    params = {"gen_units": 100, "z2_units": 30, "n_factors": 10, "z_latent_size": 12, "con_units": 30, "ic_dim": 10}
    model = wire(lambda f, z: create_generator_lfads({"gen_cell_type": "Complex", **params}, f, z), 10, 64, static=(0,))
    assert model.get_layer("complex_rnn").count_params() == 45_094
    assert model.get_layer("gen_init").count_params() == 1_100


def test_the_second_z_network_becomes_the_controller():
    """In the seed's keys the controller's width is z2_units; the encoder then has no second layer."""
    params = {k: v for k, v in COMPLEX.items() if k != "con_units"} | {"z1_units": 3, "z2_units": 9}

    def build(f, x):
        codes = make_z_variational(params, create_z_encoder(params, x))
        assert codes.loc is None and codes.scale is None
        return create_generator_lfads(params, f, codes.sample)

    model = wire(build, D, K, static=(0,))
    assert "z_rnn_2" not in layer_names(model)
    assert model.get_layer("complex_rnn").cell.units_con == 9
    assert outputs(model, (B, D), (B, T, K)).con_states.shape == (B, T, 9)


def test_without_inferred_inputs_there_is_no_controller():
    out = outputs(model_of(k=0, z_latent_size=0), (B, D), (B, T, 0))
    assert out.con_states.shape == out.z_sample.shape == (B, T, 0)
    assert np.ptp(out.factors, axis=0).max() > 0


@pytest.mark.parametrize("z_latent_size", [0, 2])
def test_external_input_drives_the_generator_unless_switched_off(z_latent_size):
    for inject in (True, False):
        model = model_of(ext=True, z_latent_size=z_latent_size, inject_ext_input_to_gen=inject)
        inputs = arrays((B, D), (B, T, K), (B, T, U))
        moved = [*inputs[:2], inputs[2] + 1.0]
        same = np.array_equal(run(model, *inputs)[1], run(model, *moved)[1])
        assert same != inject


def test_options_reach_the_cell():
    options = {
        "gru_clip_value": 2.0, "dropout_rate": 0.3, "dropout_placement": "indl", "feed_factors_to_controller": False,
        "unit_norm_factors": False, "gate_bias": "forget", "rnn_route": "keras", "learn_initial_states": True,
    }  # fmt: skip
    rnn = model_of(**options).get_layer("complex_rnn")
    cell = rnn.cell
    assert (cell.clip_value, cell.dropout, cell.dropout_placement) == (2.0, 0.3, "indl")
    assert (cell.feed_factors, cell.unit_norm_factors, cell.gate_bias) == (False, False, "forget")
    assert (rnn.route, rnn.learn_initial_state) == ("keras", True)


def test_parameters_that_cannot_be_are_refused():
    with pytest.raises(ConfigError, match="con_units: expected more than 0"):
        model_of(con_units=0, z2_units=0)
    with pytest.raises(ConfigError, match="Did you mean 'n_factors'"):
        model_of(n_factor=3)
