"""Models that other codes do not have."""

from __future__ import annotations

import pytest

from indl_vae.errors import ConfigError
from indl_vae.families.lfads.foreign_weights import _check_published
from indl_vae.params import make_params


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"likelihood": "gaussian"}, r"scale_channels = True \(False\)"),
        ({"do_causal_controller": True}, r"z1_rnn_type = 'GRUClip' \('BidirectionalGRUClip'\)"),
        ({"f_units": [8, 8]}, r"f_units of several layers \(one\)"),
    ],
)
def test_what_others_do_not_have_is_named(settings, message):
    with pytest.raises(ConfigError, match=f"they have no model with {message}"):
        _check_published(make_params("lfads", settings, preset="tf1"))


def test_published_models_pass():
    _check_published(make_params("lfads", preset="tf1"))
    _check_published(make_params("lfads", {"likelihood": "gaussian", "scale_channels": False}, preset="tf1"))
