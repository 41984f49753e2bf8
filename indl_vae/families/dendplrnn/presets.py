"""Sets of settings of dendPLRNN that go by a name."""

from __future__ import annotations

from typing import Any

#: The variational fit as it was published, trial by trial; rate and bases are those of its command line.
PUBLISHED: dict[str, Any] = {
    "training": "svae",
    "z_latent_size": 20,
    "n_bases": 35,
    "clip_range": 10.0,
    "rectifier_slope": 0.18,
    "dendrite_width": 5.0,
    "rec_model": "dc",
    "latent_noise": 1.0,
    "initial_states": "per_trial",
    "batch_size": 1,
    "n_epochs": 200,
    "learning_rate": 1e-3,
    "adam_epsilon": 1e-8,
    "max_grad_norm": 1.0,
    "reg_ratios": (1.0,),
    "reg_alphas": (0.1,),
    "reg_axis": "col",
    "scale_channels": False,
}
#: Teacher forcing as it was published, for Lorenz-63.
PUBLISHED_FORCING: dict[str, Any] = {
    "training": "teacher_forcing",
    "z_latent_size": 22,
    "n_bases": 20,
    "latent_step": "clipped_dendritic",
    "forcing_interval": 25,
    "input_noise": 0.05,
    "seq_len": 200,
    "batch_size": 16,
    "batches_per_epoch": 50,
    "n_epochs": 5000,
    "learning_rate": 1e-3,
    "lr_rule": "stairs",
    "lr_decay_steps": 250_000,
    "lr_stop": 0.0,
    "max_grad_norm": 10.0,
    "nll_reduction": "mean",
    "scale_channels": False,
}

PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "published": PUBLISHED,
    "published_forcing": PUBLISHED_FORCING,
}
