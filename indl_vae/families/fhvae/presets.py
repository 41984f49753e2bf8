"""Settings of FHVAE: what its variants imply, and the sets that go by a name."""

from __future__ import annotations

from typing import Any

#: What a variant implies where nothing else is said: recurrent encoders and decoder, or dense layers on whole segments.
VARIANTS: dict[str, dict[str, Any]] = {
    "lstm": {},
    "simple": {
        "f_units": (128, 128),
        "z1_units": 128,
        "z2_units": 128,
        "decoder_units": (128, 128),
        "f_latent_size": 16,
        "z_latent_size": 16,
    },
}

#: The published program's settings (features of speech; sequences are utterances, or speakers).
PUBLISHED: dict[str, Any] = {
    "f_units": (256, 256),
    "z1_units": 256,
    "z2_units": 256,
    "decoder_units": (256, 256),
    "f_latent_size": 32,
    "z_latent_size": 32,
    "segment_length": 20,
    "segment_shift": 8,
    "kernel_init": "glorot_uniform",
    "q_f_init_std": 1.0,
    "q_z_init_std": 1.0,
    "likelihood": "gaussian",
    "learning_rate": 1e-3,
    "adam_beta1": 0.95,
    "lr_rule": "none",
    "batch_size": 256,
    "valid_batch_size": 2048,
    "n_epochs": 100,
    "patience": 10,
    "kl_ramp_length": 0,
    "select_on": "loss",
}

PRESETS: dict[str, dict[str, Any]] = {"default": {}, "published": PUBLISHED}
