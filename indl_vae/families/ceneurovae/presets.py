"""Sets of settings of CeNeuroVAE that go by a name."""

from __future__ import annotations

from typing import Any

#: The published model, as its code has it: mean squared error, mean divergence, no hidden neurons.
PARITY: dict[str, Any] = {
    "likelihood": "gaussian",
    "gaussian_scale": "fixed",
    "nll_reduction": "mean",
    "kl_reduction": "mean",
    "neuron_dropout_rate": 0.0,
    "encoder_identity": False,
    "identity_mixing": "sum",
    "z_prior_process": "tiled",
    "z_prior_init_std": 1.0,
    "z_prior_train_var": False,
    "z_prior_train_tau": False,
    "learning_rate": 1e-3,
    "kl_z_weight": 0.1,  # half of 0.2: the squared error has a factor of one half here
}
#: Small enough for a test.
SMALL: dict[str, Any] = {
    "identity_size": 8,
    "neuron_units": 16,
    "model_size": 32,
    "n_layers": 1,
    "n_heads": 2,
    "z_latent_size": 4,
    "decoder_hidden": 16,
}
PRESETS: dict[str, dict[str, Any]] = {"default": {}, "parity": PARITY, "small": SMALL}
