"""LFADS's cell: the seed's signature, its parts, what is random in it, and its errors."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference.complex_step import ComplexOutput
from indl_vae.layers import ComplexCell, ComplexRNN
from indl_vae.layers.complex_draws import draw

B, T = 4, 5


def small(**options):
    sizes = {"units_gen": 6, "units_con": 5, "factors_dim": 3, "co_dim": 2, "dropout": 0.4, "seed": 1}
    return ComplexCell(**{**sizes, **options})


def test_positional_call_of_the_seed_has_its_number_of_weights():
    cell = ComplexCell(100, 30, 10, 12, 0, True)
    cell.build((None, 64))
    assert cell.count_params() == 45_094
    by_part = {
        "controller": cell.controller.count_params(),
        "generator": cell.generator.count_params(),
        "factors": int(np.prod(cell.factor_kernel.shape)),
    }
    assert by_part == {"controller": 9_450, "generator": 33_900, "factors": 1_000}


def test_seed_cell_inside_the_rnn_of_keras(tmp_path):
    cell = ComplexCell(100, 30, 10, 12, 0, True)
    inputs = keras.Input((None, 64))
    outputs = cell.unpack(keras.layers.RNN(cell, return_sequences=True, name="complex_rnn")(inputs))
    assert isinstance(outputs, ComplexOutput)
    widths = dict(zip(outputs._fields, (part.shape[-1] for part in outputs), strict=True))
    expected = {"gen_states": 100, "con_states": 30, "z_mean": 12, "z_logvar": 12, "z_sample": 12, "factors": 10}
    assert widths == expected
    rnn = keras.Model(inputs, keras.layers.RNN(cell, return_sequences=True)(inputs))
    x = np.random.default_rng(0).normal(size=(2, T, 64)).astype("f4")
    rnn.save(tmp_path / "rnn.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "rnn.keras")(x), rnn(x))


def test_rnn_of_keras_and_our_own_agree_from_a_zero_state(rng):
    cell = small(ext_input_dim=2)
    code, ext = (rng.normal(size=(B, T, width)).astype("f4") for width in (7, 2))
    ours = ComplexRNN(cell)(code, np.zeros((B, 6), "f4"), ext)
    theirs = cell.unpack(keras.layers.RNN(cell, return_sequences=True)(np.concatenate([code, ext], axis=-1)))
    for name, a, b in zip(ours._fields, ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5, err_msg=name)


def test_packing_and_unpacking_undo_each_other(rng):
    cell = small()
    parts = ComplexOutput(*(rng.normal(size=(B, T, width)) for width in cell.output_widths))
    packed = cell.pack(parts)
    assert packed.shape[-1] == cell.output_size == 6 + 5 + 3 * 2 + 3
    for ours, theirs in zip(cell.unpack(packed), parts, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_factors_have_unit_weight_vectors_unless_switched_off():
    for unit_norm in (True, False):
        cell = small(unit_norm_factors=unit_norm)
        cell.build((None, 4))
        cell.factor_kernel.assign(cell.factor_kernel * 3.0)
        norms = np.linalg.norm(cell.factor_matrix(), axis=0)
        assert (np.allclose(norms, 1.0, atol=1e-6)) == unit_norm


def test_generator_runs_on_given_inputs(rng):
    """Fed with the inputs that the controller inferred, it goes the same way without controller."""
    rnn = ComplexRNN(small(ext_input_dim=2))
    code, ext, gen_init = (rng.normal(size=s).astype("f4") for s in ((B, T, 7), (B, T, 2), (B, 6)))
    inferred = rnn(code, gen_init, ext)
    alone = rnn.generate(gen_init, inferred.z_sample, ext)
    for name in ("gen_states", "factors", "z_sample"):
        np.testing.assert_allclose(getattr(alone, name), getattr(inferred, name), atol=1e-5, err_msg=name)


def test_external_input_may_be_kept_out(rng):
    cell = small(ext_input_dim=2, inject_ext_input_to_gen=False)
    assert cell.ext_width == 0
    code, ext, gen_init = (rng.normal(size=s).astype("f4") for s in ((B, T, 7), (B, T, 2), (B, 6)))
    rnn = ComplexRNN(cell)
    np.testing.assert_array_equal(rnn(code, gen_init, ext).factors, rnn(code, gen_init).factors)
    assert cell.generator.kernel.shape == (2, 18)


def shapes(draws):
    return {name: tuple(v.shape) for name, v in draws._asdict().items() if v is not None}


PUBLISHED = {"noise": (T, B, 2), "con_factors": (T, B, 3), "factors": (T, B, 6)}
INPUTS = {"code": (T, B, 7), "ext": (T, B, 2), "initial_factors": (B, 6)}


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("published", PUBLISHED),
        ("tf1", PUBLISHED),
        ("lite", {**PUBLISHED, "feedback": (T, B, 6)}),
        ("indl", {**PUBLISHED, "gen_input": (T, B, 2), "feedback": (T, B, 6)}),
    ],
)
def test_where_dropout_acts(placement, expected):
    cell = small(ext_input_dim=2, dropout_placement=placement)
    cell.build((None, 9))
    masks, draws = draw(cell, B, T, training=True)
    assert shapes(draws) == expected
    none_before_the_first_bin = {"code": (T, B, 7), "ext": (T, B, 2)}
    assert shapes(masks) == (none_before_the_first_bin if placement == "tf1" else INPUTS)
    for name in set(shapes(draws)) - {"noise", "gen_input"}:
        times_kept = np.log(np.maximum(getattr(draws, name), 1e-30)) / np.log(1 / 0.6)  # by up to two masks
        assert set(np.round(times_kept, 3).ravel()) - {1.0, 2.0} == {np.round(times_kept.min(), 3)}, name


def test_indl_holds_the_input_masks_of_its_networks_for_a_sequence():
    cell = small(ext_input_dim=2, dropout_placement="indl")
    cell.build((None, 9))
    masks, draws = draw(cell, B, T, training=True)
    for held in (draws.gen_input.numpy(), masks.ext.numpy()):
        np.testing.assert_array_equal(held, np.repeat(held[:1], T, axis=0))
    assert not np.array_equal(draws.feedback[0], draws.feedback[1])
    assert not np.array_equal(draws.feedback, draws.factors), "factors put out and fed back have draws of their own"


def test_lite_drops_the_factors_fed_back_by_a_draw_of_their_own():
    cell = small(dropout_placement="lite")
    cell.build((None, 7))
    draws = draw(cell, B, T, training=True)[1]
    assert not np.array_equal(draws.feedback, draws.factors)
    assert draws.gen_input is None


def test_a_cell_that_does_not_sample_takes_the_mean():
    cell = small(sampled=False, dropout=0.0)
    output = ComplexRNN(cell)(np.ones((2, 3, 7), "f4"), np.zeros((2, 6), "f4"), training=True)
    np.testing.assert_array_equal(output.z_sample, output.z_mean)


def test_a_controller_that_is_fed_nothing_has_weights_for_its_codes_alone():
    cell = small(feed_factors=False)
    cell.build((None, 7))
    assert cell.fed_width == 0 and tuple(cell.controller.kernel.shape)[0] == 7
    assert draw(cell, B, T, training=True)[1].con_factors is None


def test_outside_of_training_nothing_is_random():
    cell = small()
    cell.build((None, 7))
    masks, draws = draw(cell, B, T, training=False)
    assert shapes(masks) == {} and shapes(draws) == {"noise": (T, B, 2)}
    assert not draws.noise.numpy().any()


def test_without_a_controller_only_the_factors_and_the_external_input_are_dropped():
    for placement in ("published", "indl"):
        cell = small(co_dim=0, ext_input_dim=2, dropout_placement=placement)
        cell.build((None, 2))
        masks, draws = draw(cell, B, T, training=True)
        assert shapes(draws) == {"noise": (T, B, 0), "factors": (T, B, 6)}
        assert shapes(masks) == {"ext": (T, B, 2), "initial_factors": (B, 6)}
        assert not hasattr(cell, "controller") and cell.units_con == 0


def test_noise_has_the_deviation_of_the_posterior():
    cell = small(dropout=0.0)
    rnn = ComplexRNN(cell)
    output = rnn(np.zeros((2000, 3, 7), "f4"), np.zeros((2000, 6), "f4"), training=True)
    standard = (output.z_sample - output.z_mean) / tf.exp(output.z_logvar / 2)
    assert np.std(standard) == pytest.approx(1.0, abs=0.04)
    assert np.mean(standard) == pytest.approx(0.0, abs=0.04)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units_gen": 0}, "units_gen of ComplexCell: expected an integer >= 1, got 0"),
        ({"units_con": 0}, "units_con of ComplexCell: expected an integer >= 1, got 0"),
        ({"factors_dim": 0}, "factors_dim of ComplexCell: expected an integer >= 1, got 0"),
        ({"co_dim": -1}, "co_dim of ComplexCell: expected an integer >= 0, got -1"),
        ({"ext_input_dim": -1}, "ext_input_dim of ComplexCell: expected an integer >= 0, got -1"),
        ({"dropout": 1.0}, r"dropout of ComplexCell: expected a number in \[0, 1\), got 1.0"),
        ({"dropout_placement": "all"}, r"dropout_placement: expected one of \('published', 'tf1', .*\), got 'all'"),
        ({"gate_bias": "two"}, "gate_bias: expected one of"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        small(**options)


def test_inputs_too_narrow_for_the_external_input_are_refused():
    with pytest.raises(ConfigError, match="inputs of width 2 leave 0 for the encoder code after ext_input_dim=2"):
        small(ext_input_dim=2).build((None, 2))
    with pytest.raises(ConfigError, match="inputs of width 1 leave -1"):
        small(co_dim=0, ext_input_dim=2).build((None, 1))


def test_unknown_routes_are_refused():
    with pytest.raises(ConfigError, match="route: expected one of"):
        ComplexRNN(small(), route="scan")
