"""What the parameters of DSAE and FHVAE imply, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.models import build_model
from indl_vae.typing import DataSpec

SMALL = {
    "feature_units": 24, "f_units": 24, "f_latent_size": 6, "z_latent_size": 2, "z1_units": 24, "z_prior_units": 24,
    "decoder_units": 24, "scale_channels": False,
}  # fmt: skip


def count(params, n_channels):
    model = build_model(params, DataSpec(n_channels, 25, n_sequences=100))
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize(
    ("family", "options", "expected"),
    [
        ("dsae_full", {"z2_units": 24}, 25_260),
        ("dsae_factorized", {}, 14_124),
        ("dsae_full", {"z2_units": 24, "likelihood": "gaussian"}, 25_660),
        ("dsae_factorized", {"likelihood": "gaussian"}, 14_524),
    ],
)
def test_weights_of_the_small_experiment(family, options, expected):
    assert count(make_params(family, {**SMALL, **options}), 16) == expected


def test_weights_of_the_published_fhvae():
    """An LSTM has 4 * units * (inputs + units + 1) weights; a head reads the last states of both layers, 512."""
    lstm = lambda inputs, units=256: 4 * units * (inputs + units + 1)  # noqa: E731
    encoders = lstm(80) + lstm(256) + lstm(80 + 32) + lstm(256) + 2 * 2 * (512 + 1) * 32
    decoder = lstm(64) + lstm(256) + (256 + 1) * 2 * 80
    assert count(make_params("fhvae", preset="published"), 80) == encoders + decoder + 100 * 32 == 2_737_568


def test_variants_by_name_and_by_key():
    assert make_params("dsae_factorized") == make_params("dsae", variant="Factorized")
    factorized = make_params("dsae_factorized")
    assert (factorized.z1_rnn_type, factorized.z2_units) == ("", 0)
    assert make_params("dsae").z1_rnn_type == "BidirectionalLSTM"
    assert make_params("fhvae_simple").f_units == (128, 128) and make_params("fhvae-lstm").variant == "lstm"
    learned = make_params("dsae", f_prior="learned")
    assert learned.f_prior_train_mean and learned.f_prior_train_var
    assert not make_params("dsae", f_prior="standard").f_prior_train_var


@pytest.mark.parametrize(
    ("family", "options", "message"),
    [
        ("dsae", {"variant": "factorized", "z2_units": 4}, "variant: 'factorized' expects z1_rnn_type = ''"),
        ("dsae", {"f_inputs_pre_z1": False, "z2_units": 0}, "f_inputs_pre_z1: expected True with z2_units = 0"),
        ("dsae", {"z_latent_size": 0}, "z_latent_size: expected at least 1, got 0"),
        ("dsae", {"z1_units": 0}, "z1_units: expected at least 1, got 0"),
        ("dsae", {"gen_cell_type": "Complex", "decoder": "rnn"}, "gen_cell_type: expected a recurrent layer"),
        ("dsae", {"l2_con_scale": 1.0}, "l2_con_scale: expected 0, got 1"),
        ("dsae", {"image_shape": [6, 8, 1], "conv_filters": [4, 4]}, "image_shape: expected height and width that can"),
        (
            "dsae",
            {"image_shape": [4, 4, 1], "conv_filters": [4], "likelihood": "gaussian"},
            "scale_channels: expected False with image_shape",
        ),
        ("dsae", {"image_shape": [4, 4, 1], "conv_filters": [4], "input_factors": 3}, "expects input_factors = 0"),
        ("dsae", {"f_prior": "uniform"}, "f_prior: expected a value for f_prior_train_mean"),
        ("dsae", {"variant": "half"}, "variant: expected one of .full., .factorized., got .half."),
        ("fhvae", {"heldout_bins": 2}, "heldout_bins: expected 0, got 2; segments of a sequence"),
        ("fhvae", {"z_latent_size": 0}, "z_latent_size: expected at least 1, got 0"),
        ("fhvae", {"z1_rnn_type": ""}, "z1_rnn_type: expected a recurrent layer with variant = 'lstm'"),
        ("fhvae", {"gen_cell_type": "Complex"}, "gen_cell_type: expected a recurrent layer"),
        ("fhvae", {"segment_length": 0}, "segment_length: expected"),
    ],
)
def test_what_is_refused(family, options, message):
    with pytest.raises(ConfigError, match=message):
        make_params(family, options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_shape": [4, 4, 1], "conv_filters": [4]}, "expected height x width x colours to be 6"),
        ({"l2_gen_scale": 1.0}, "l2_gen_scale: expected 0, got 1; this model's gen part has no recurrent layer"),
        ({"variant": "factorized", "l2_z_scale": 1.0}, "l2_z_scale: expected 0, got 1"),
    ],
)
def test_what_does_not_go_with_the_data_or_the_parts(options, message):
    with pytest.raises(ConfigError, match=message):
        build_model(make_params("dsae", options), DataSpec(6, 5))
