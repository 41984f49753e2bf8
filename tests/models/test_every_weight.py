"""Every declared weight of every preset and option gets a finite gradient that is not zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.registry import family_params
from tests.models.helpers import SIZES, B, T, U, counts, gradients_of, tiny

LFADS = ("lfads", "autolfads")
PRESETS = [(family, preset) for family in LFADS for preset in family_params(family).presets]
#: Options that bring weights of their own or lead through other code, as many at once as go together.
OPTIONS: dict[str, dict[str, Any]] = {
    "no inferred inputs": {"z_latent_size": 0, "learn_initial_states": False, "likelihood": "gaussian"},
    "no inferred inputs, external input": {"z_latent_size": 0, "ext_input_dim": U, "likelihood": "bernoulli"},
    "external input": {
        "ext_input_dim": U, "dropout_placement": "indl", "likelihood": "negative_binomial", "kl_sample": "same",
    },
    "external input to the encoders": {
        "ext_input_dim": U, "inject_ext_input_to_gen": False, "heldout_bins": 2, "f_enc_input_samps": 3, "likelihood": "gamma",
    },
    "full covariance": {
        "f_latent_off_diag": True, "f_prior_off_diag": True, "f_prior_train_var": True, "f_prior_var_min": 0.0,
        "f_prior_var_max": 0.0, "likelihood": "zero_inflated_gamma",
    },
    "bounded prior": {
        "f_prior_train_var": True, "f_prior_var_min": 0.05, "f_prior_var_max": 0.2, "f_scale_transform": "softplus",
        "likelihood": "gaussian", "gaussian_scale": "per_channel", "z_prior_process": "tiled",
    },
    "read-in and segment": {
        "input_factors": 3, "f_enc_input_samps": 3, "heldout_channels": 2, "cd_pass_rate": 0.5,
        "z_prior_process": "LSTM",
    },
    "other cells": {
        "f_rnn_type": "LSTM", "f_units": [4, 5], "z1_rnn_type": "BidirectionalGRU", "z1_merge": "sum",
        "unit_norm_factors": False, "z_prior_process": "GRU",
    },
    "causal": {
        "f_rnn_type": "SimpleRNN", "z1_rnn_type": "GRUClip", "feed_factors_to_controller": False,
        "z_prior_process": "null", "likelihood": "ordinal", "n_levels": 6,
    },
    "dense encoder": {"z1_rnn_type": "", "z1_lag": 0, "rnn_route": "keras", "z_prior_process": "RNN"},
    "rates fed back": {"feedback": "rates", "dropout_placement": "lite", "clip_log_rate": False},
    "means fed back": {"feedback": "rates", "likelihood": "gaussian", "dropout_placement": "tf1", "co_mean_corr_scale": 1.0},
    "no static latent": {"f_latent_size": 0},
    "several samples": {"likelihood": "categorical", "n_levels": 6, "q_samples": 3, "l2_gen_scale": 1.0, "l2_f_scale": 1.0, "l2_biases": True, "kl_sample": "fresh"},
}  # fmt: skip
POSITIVE = ("gamma", "zero_inflated_gamma")


def make_batch(model) -> dict[str, np.ndarray]:
    x = counts()
    if model.params.likelihood in POSITIVE:
        x = x + 0.3 * (x > 0) if model.params.likelihood == "zero_inflated_gamma" else x + 0.3
    batch = {"x": np.minimum(x, 1.0) if model.params.likelihood == "bernoulli" else x}
    if model.spec.ext_input_dim:
        batch["ext_input"] = np.random.default_rng(1).normal(size=(B, T, U)).astype("f4")
    return batch


def assert_every_weight_is_trained(model) -> None:
    batch = make_batch(model)
    without = {weight.path for weight in model.trainable_weights}
    for _ in range(3):  # dropout may silence a weight of so small a model in one pass
        gradients = gradients_of(model, batch, training=True)
        assert [path for path, gradient in gradients.items() if gradient is None] == []
        assert [path for path, gradient in gradients.items() if not np.isfinite(gradient).all()] == []
        without -= {path for path, gradient in gradients.items() if np.abs(gradient).max() > 0}
        if not without:
            return
    assert not without, "no gradient reaches them"


@pytest.mark.parametrize(("family", "preset"), PRESETS, ids=lambda name: name)
def test_presets(family, preset):
    model = tiny(family, preset=preset)
    assert model.params.preset == preset
    assert_every_weight_is_trained(model)


@pytest.mark.parametrize("name", OPTIONS)
def test_options(name):
    assert_every_weight_is_trained(tiny(**OPTIONS[name]))


def test_the_dense_encoder_and_cells_are_what_was_asked_for():
    params = make_params("lfads", SIZES, **OPTIONS["other cells"])
    assert (params.f_rnn_type, params.z1_rnn_type, params.f_units) == ("LSTM", "BidirectionalGRU", (4, 5))
