"""Numbers of weights of the published configurations (counted from a run of the published code)."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.models import build_model
from indl_vae.typing import DataSpec

SPEC = DataSpec(18, 30, 2, 0.01, region_sizes=(10, 8))
#: Deviations, which the published code makes and never trains: process, first bin, posterior, channels.
SCALES = ("process_noise", "start_noise", "z_scale", "raw_scale")


_SWITCHING = {
    "inference": "s_svae",
    "n_states": 2,
    "discrete": "factorised",
    "correction_inputs": True,
    "transition_units": 0,
}


def count(**options):
    base = {
        "preset": "reference_compat",
        "region_latents": 2,
        "overshoot": 0,
        "transition_units": 8,
        "jit_compile": False,
    }
    model = build_model(make_params("mrsds", base | {"overshoot_weights": []} | options), SPEC)
    weights = [w for w in model.core.trainable_weights if not any(name in w.path for name in SCALES)]
    return int(sum(np.prod(w.shape) for w in weights))


@pytest.mark.parametrize(
    ("options", "published", "otherwise"),
    [
        # One state has a net of 13 weights and a logit, neither of which does anything; ours has none.
        ({"inference": "mean_field", "n_states": 1}, 13_983, -14),
        ({"inference": "mean_field", "n_states": 2}, 18_931, 0),
        ({"inference": "mean_field", "n_states": 2, "state_as_input": True}, 14_595, 0),
        # Corrections are shown to the first layers: 256 rows; again no net and no logit of one state.
        ({"inference": "svae", "n_states": 1, "correction_inputs": True}, 14_225, 0),
        # Transitions without a hidden layer. One net for all states: its published first layers between different
        # regions are not shown the state, 2 * 2 * 32 weights.
        (_SWITCHING, 19_453, 0),
        (_SWITCHING | {"state_as_input": True}, 14_733, 128),
    ],
)
def test_numbers_of_weights(options, published, otherwise):
    assert count(**options) == published + otherwise
