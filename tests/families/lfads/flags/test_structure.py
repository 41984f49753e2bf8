"""Flags of sizes and wiring: shapes of the weights, layers that are there, what reaches what."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.distributions.likelihoods import GaussianLikelihood, PoissonLikelihood
from indl_vae.errors import ConfigError
from tests.families.lfads.flags.tiny import N, T, cell, counts, layer, layers, model


def shape(weight) -> tuple[int, ...]:
    return tuple(weight.shape)


def test_ic_enc_dim():
    made = model(ic_enc_dim=6)
    assert shape(layer(made, "f_rnn_0").forward_layer.cell.recurrent_kernel) == (6, 18)
    assert shape(layer(made, "f_loc").kernel) == (12, 3)


def test_ci_enc_dim():
    made = model(ci_enc_dim=6)
    assert shape(layer(made, "z_rnn_1").backward_layer.cell.recurrent_kernel) == (6, 18)
    assert shape(cell(made).controller.kernel) == (12 + 5, 24)


def test_con_dim():
    assert shape(cell(model(con_dim=4)).controller.recurrent_kernel) == (4, 12)


def test_gen_dim():
    made = model(gen_dim=6)
    assert shape(cell(made).generator.recurrent_kernel) == (6, 18)
    assert shape(layer(made, "gen_init").kernel) == (3, 6)


def test_factors_dim():
    made = model(factors_dim=3)
    assert shape(cell(made).factor_kernel) == (9, 3)
    assert shape(layer(made, "readout").kernel) == (3, N)
    assert shape(cell(made).controller.kernel) == (14 + 3, 24)


def test_ic_dim():
    assert shape(layer(model(ic_dim=2), "f_prior").loc) == (2,)
    without = model(ic_dim=0)
    assert not [name for name in layers(without) if name.startswith("f_") and name != "f_inputs"]
    assert "kl_f" not in without.terms
    assert shape(layer(without, "gen_init").state) == (1, 9)
    outputs = without(counts())
    np.testing.assert_array_equal(outputs["gen_init"], np.zeros((4, 9)))
    assert not [name for name in outputs if name.startswith(("f_", "ic_"))]


def test_co_dim():
    assert shape(layer(model(co_dim=3), "z_prior").logtaus) == (3,)
    without = model(co_dim=0)
    assert "kl_z" not in without.terms
    assert not layers(without) & {"z_rnn_1", "z_prior"}
    assert cell(without).generator.kernel is None


def test_ext_input_dim():
    assert model(ext=2, ext_input_dim=2).spec.ext_input_dim == 2
    with pytest.raises(ConfigError, match=r"ext_input_dim: expected 2, the width of the data's .* got 3"):
        model(ext=2, ext_input_dim=3)


def test_inject_ext_input_to_gen():
    to_gen, to_encoders = model(ext=2, inject_ext_input_to_gen=True), model(ext=2)
    assert shape(cell(to_gen).generator.kernel) == (2 + 2, 27)
    assert shape(layer(to_gen, "f_rnn_0").forward_layer.cell.kernel) == (N, 12)
    assert shape(cell(to_encoders).generator.kernel) == (2, 27)
    assert shape(layer(to_encoders, "f_rnn_0").forward_layer.cell.kernel) == (N + 2, 12)


def test_num_steps_for_gen_ic():
    made, x = model(num_steps_for_gen_ic=3), counts()
    later, earlier = x.copy(), x.copy()
    later[:, 3:] += 1.0
    earlier[:, 2] += 1.0
    np.testing.assert_array_equal(made(x)["f_loc"], made(later)["f_loc"])
    assert np.abs(made(x)["f_loc"] - made(earlier)["f_loc"]).max() > 1e-3


def test_output_dist():
    gaussian, poisson = model(output_dist="gaussian"), model()
    assert isinstance(gaussian.likelihood, GaussianLikelihood) and isinstance(poisson.likelihood, PoissonLikelihood)
    assert shape(layer(gaussian, "readout").kernel) == (5, 2 * N)
    assert shape(layer(poisson, "readout").kernel) == (5, N)


def test_do_causal_controller():
    made = model(do_causal_controller="true")
    assert shape(cell(made).controller.kernel) == (7 + 5, 24)
    assert not hasattr(layer(made, "z_rnn_1"), "backward_layer")


def test_do_feed_factors_to_controller():
    assert shape(cell(model(do_feed_factors_to_controller="false")).controller.kernel) == (14, 24)


def test_feedback_factors_or_rates():
    made, x = model(feedback_factors_or_rates="rates"), counts()
    assert shape(cell(made).controller.kernel) == (14 + N, 24)
    assert cell(made).rate_readout.dense is layer(made, "readout")
    assert len(made.trainable_weights) == len(model().trainable_weights), "the read-out is shared, not doubled"
    before, bias = made(x)["z_loc"].numpy(), layer(made, "readout").bias
    bias.assign(bias + 1.0)
    try:
        assert np.abs(made(x)["z_loc"] - before).max() > 1e-3, "the rates' bias reaches the inferred inputs"
    finally:
        bias.assign(bias - 1.0)


def test_controller_input_lag():
    codes = tf.ones((1, T, 14))
    late = layer(model(controller_input_lag=2), "z1_lag")(codes).numpy()[0]
    assert late[:, 0].tolist() == [0, 0, 1, 1, 1, 1, 1]
    assert late[:, 7].tolist() == [1, 1, 1, 1, 1, 0, 0]


def test_cell_clip_value():
    made = model(cell_clip_value=0.25)
    ways = [
        getattr(layer(made, name), f"{way}_layer").cell
        for name in ("f_rnn_0", "z_rnn_1")
        for way in ("forward", "backward")
    ]
    assert {one.clip for one in (cell(made).generator, cell(made).controller, *ways)} == {0.25}
    states = made({"x": 50.0 * counts()})["gen_states"]
    assert np.abs(states).max() <= 0.25


def test_keep_prob():
    made = model(keep_prob=0.7)
    assert layer(made, "input_dropout").rate == layer(made, "f_dropout").rate == cell(made).dropout == 0.3
    assert layer(model(keep_prob=0.7, ext=2), "ext_dropout").rate == 0.3
    assert cell(made).dropout_placement == "tf1"


def test_temporal_spike_jitter_width():
    assert model().augmentation == []
    (jitter,) = model(temporal_spike_jitter_width=2).augmentation
    assert list(jitter.displacements) == [-2, -1, 0, 1], "the upper end is not drawn"


def test_in_factors_dim():
    made = model("lite", in_factors_dim=4)
    assert shape(layer(made, "read_in").kernel) == (N, 4)
    assert shape(layer(made, "f_rnn_0").forward_layer.cell.kernel) == (4, 12)


def test_keep_ratio():
    assert layer(model("lite", keep_ratio=0.7), "coordinated_dropout").rate == 0.3


def test_cd_grad_passthru_prob():
    assert layer(model("lite", cd_grad_passthru_prob=0.25), "learn_from").pass_rate == 0.25


def test_cv_keep_ratio():
    assert model("lite", cv_keep_ratio=0.8).objective.sv_rate == 0.2
