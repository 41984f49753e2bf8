"""Settings of DSAE: what its variants imply, and the sets that go by a name."""

from __future__ import annotations

from typing import Any

#: What a variant implies where nothing else is said: q(z_t | x_1..T, f) from two recurrent layers, or q(z_t | x_t) from
#: the features of the bin.
VARIANTS: dict[str, dict[str, Any]] = {
    "full": {},
    "factorized": {"z1_rnn_type": "", "z2_units": 0, "f_inputs_pre_z1": True},
}

#: TensorFlow Probability's example (upstream flags, not the copy in indl): images, which it reads one by one.
TFP: dict[str, Any] = {
    "variant": "factorized",
    "f_latent_size": 256,
    "z_latent_size": 32,
    "f_units": (512,),
    "z1_units": 512,
    "feature_units": (512,),
    "decoder_units": (512,),
    "z_prior_units": 512,
    "conv_filters": (256, 256, 256, 256),
    "f_prior_train_mean": True,
    "f_prior_train_var": True,
    "z_prior_mode": "free_running",
    "q_f_init_std": 0.6931,
    "q_z_init_std": 0.6931,
    "z_prior_init_std": 0.6931,
    "likelihood": "gaussian",
    "gaussian_scale": "fixed",
    "scale_channels": False,
    "learning_rate": 1e-4,
    "lr_rule": "cosine",
    "lr_decay_steps": 10_000,
    "lr_stop": 0.0,
    "batch_size": 32,
    "q_samples": 4,
    "max_grad_norm": 1e10,
    "dropout_rate": 0.0,
    "coordinated_dropout_rate": 0.0,
    "kl_ramp_length": 0,
    "patience": 0,
}

#: The same with its other posterior, which reads the whole trial and f.
TFP_FULL: dict[str, Any] = {**TFP, "variant": "full", "z2_units": 512}

PRESETS: dict[str, dict[str, Any]] = {"default": {}, "tfp": TFP, "tfp_full": TFP_FULL}
