"""What AutoLFADS-TF2 and lfads-torch models have in common that their weights do not show, as `indl_vae` parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.importers.lfads_tree import LFADSSizes

#: Structure of both codes: clipped GRUs with both gate biases at 1, log-variances, unit-norm factors, free log-rates.
_STRUCTURE: dict[str, Any] = {
    "f_rnn_type": "BidirectionalGRUClip",
    "z1_rnn_type": "BidirectionalGRUClip",
    "z1_merge": "concat",
    "gen_cell_type": "Complex",
    "learn_initial_states": True,
    "gate_bias": "ones",
    "f_scale_transform": "logvar",
    "z_scale_transform": "logvar",
    "z_min_var": 0.0,
    "f_prior_train_mean": True,
    "f_prior_train_var": False,
    "unit_norm_factors": True,
    "feed_factors_to_controller": True,
    "inject_ext_input_to_gen": True,
    "dropout_placement": "published",
    "likelihood": "poisson",
    "poisson_full": "stirling",
    "clip_log_rate": False,
}


def published_params(preset: str, sizes: LFADSSizes, weights: dict[str, np.ndarray]) -> dict[str, Any]:
    """Returns the parameters of a published LFADS, without those of its training.

    Args:
        preset: Preset of the LFADS family whose loss and optimiser the code uses.
        sizes: Widths of the model.
        weights: Canonical weights; the fixed variance of the initial-condition prior is read from them.
    """
    prior_process = {"z_prior_process": "AR1"} if sizes.co_dim else {"z_prior_process": "null"}
    kappa = {"f_prior_kappa": _rounded(np.exp(np.mean(weights["ic_prior_logvar"])))}
    return {"preset": preset, **_STRUCTURE, **prior_process, **kappa, **sizes.params()}


def _rounded(value: float) -> float:
    """Returns the value with the six digits that float32 holds, so that log 0.1 comes back as 0.1."""
    return float(f"{value:.6g}")
