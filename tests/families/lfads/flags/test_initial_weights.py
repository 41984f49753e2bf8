"""Flags of initial values: the same draw of the weights, scaled; priors that start where they are told to."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.families.lfads.flags.tiny import cell, counts, layer, model, trained

#: LFADS's share of the way from the lower to the upper limit of a variance that starts at 0.1: two exponentials.
SHARE = 1.0 / (1.0 + math.exp(-0.1))


def assert_scaled(ours, plain, factor):
    """The weights are `factor` times as large, so that their variance is by its square."""
    np.testing.assert_allclose(ours, factor * np.asarray(plain), rtol=1e-6)
    assert np.var(ours) == pytest.approx(factor**2 * np.var(plain), rel=1e-5)


def test_cell_weight_scale():
    ours, plain = model(cell_weight_scale=3.0), model()
    for name, units in (("f_rnn_0", 4), ("z_rnn_1", 7)):
        for way in ("forward_layer", "backward_layer"):
            for kernel in ("kernel", "recurrent_kernel"):
                scaled, start = (np.asarray(getattr(getattr(layer(m, name), way).cell, kernel)) for m in (ours, plain))
                assert_scaled(scaled[:, : 2 * units], start[:, : 2 * units], 3.0)
                np.testing.assert_array_equal(scaled[:, 2 * units :], start[:, 2 * units :])  # not the candidate
    for kernel in ("kernel", "recurrent_kernel"):
        assert_scaled(getattr(cell(ours).controller, kernel), getattr(cell(plain).controller, kernel), 3.0)
        np.testing.assert_array_equal(getattr(cell(ours).generator, kernel), getattr(cell(plain).generator, kernel))


def test_gen_cell_input_weight_scale():
    ours, plain = cell(model(gen_cell_input_weight_scale=3.0)), cell(model())
    assert_scaled(ours.generator.kernel, plain.generator.kernel, 3.0)
    np.testing.assert_array_equal(ours.generator.recurrent_kernel, plain.generator.recurrent_kernel)
    np.testing.assert_array_equal(ours.controller.kernel, plain.controller.kernel)


def test_gen_cell_rec_weight_scale():
    ours, plain = cell(model(gen_cell_rec_weight_scale=3.0)), cell(model())
    assert_scaled(ours.generator.recurrent_kernel, plain.generator.recurrent_kernel, 3.0)
    np.testing.assert_array_equal(ours.generator.kernel, plain.generator.kernel)


def variance(made) -> np.ndarray:
    return np.asarray(layer(made, "f_prior").scale) ** 2


def test_ic_prior_var_scale():
    made = model(ic_prior_var_scale=0.3)
    np.testing.assert_allclose(variance(made), 0.3, rtol=1e-6)
    assert "f_prior/raw_var" not in trained(made)


def test_ic_prior_var_min():
    made = model(ic_prior_var_min=0.05)
    np.testing.assert_allclose(variance(made), 0.05 + 0.05 * SHARE, rtol=1e-6)
    assert "f_prior/raw_var" in trained(made)


def test_ic_prior_var_max():
    made = model(ic_prior_var_max=0.3)
    np.testing.assert_allclose(variance(made), 0.1 + 0.2 * SHARE, rtol=1e-6)
    assert "f_prior/raw_var" in trained(made)
    ours = model("default", ic_prior_var_max=0.3, ic_prior_var_min=0.05)  # no second exponential
    np.testing.assert_allclose(variance(ours), 0.1, rtol=1e-6)


def test_ic_post_var_min():
    made = model(ic_post_var_min=0.25)
    head = layer(made, "f_scale")
    weights = head.get_weights()
    head.set_weights([np.zeros_like(weights[0]), np.full_like(weights[1], -50.0)])
    try:
        np.testing.assert_allclose(made(counts())["f_scale"], 0.5, rtol=1e-6)
    finally:
        head.set_weights(weights)


def test_prior_ar_atau():
    np.testing.assert_allclose(np.exp(layer(model(prior_ar_atau=5.0), "z_prior").logtaus), 5.0, rtol=1e-6)


def test_prior_ar_nvar():
    np.testing.assert_allclose(np.exp(layer(model(prior_ar_nvar=0.4), "z_prior").lognvars), 0.4, rtol=1e-6)


def test_do_train_prior_ar_atau():
    assert trained(model()) - trained(model(do_train_prior_ar_atau="false")) == {"z_prior/logtaus"}


def test_do_train_prior_ar_nvar():
    assert trained(model()) - trained(model(do_train_prior_ar_nvar="false")) == {"z_prior/lognvars"}


def test_ic_prior_mean():
    np.testing.assert_array_equal(layer(model("lfads_torch", **{"ic_prior.mean": 0.5}), "f_prior").loc, np.full(3, 0.5))


def test_co_prior_mean():
    made = model("autolfads_tf2", CO_AUTOREG_PRIOR=False, **{"co_prior.mean": 0.25})
    np.testing.assert_array_equal(layer(made, "z_prior").loc, np.full(2, 0.25))
