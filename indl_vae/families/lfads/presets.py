"""Sets of values for LFADS: our own, and those that repeat what each published code does.

A preset lists what differs from the defaults of `LFADSParams`. The codes differ in the reduction of the likelihood,
in how log k! and the KL of the inferred inputs are computed, in initial gate biases, in what the L2 term counts, in
the unit of the ramps, and in optimiser, learning-rate rule, stopping and sizes.
"""

from __future__ import annotations

from typing import Any

#: What all published codes have in common and our defaults do not: nothing guards the log-rates, the smoothed
#: validation likelihood chooses the epoch, and no entries are hidden from the encoders of the first ones.
_PUBLISHED: dict[str, Any] = {
    "clip_log_rate": False,
    "select_on": "nll",
    "smoothing": 0.7,
    "coordinated_dropout_rate": 0.0,
    "dropout_rate": 0.05,
    "batch_size": 128,
    "n_epochs": 10_000,
    "learning_rate": 0.01,
    "lr_rule": "valid_plateau",
    "lr_decay": 0.95,
    "lr_patience": 6,
    "lr_stop": 1e-5,
    "max_grad_norm": 200.0,
    "patience": 200,
    "gru_clip_value": 5.0,
}

#: The default sizes of run_lfads.py, which its successors kept.
_SIZES: dict[str, Any] = {
    "f_units": (128,),
    "f_latent_size": 64,
    "z1_units": 128,
    "con_units": 128,
    "z_latent_size": 1,
    "gen_units": 200,
    "n_factors": 50,
}

#: The first LFADS (research/lfads of tensorflow/models): summed likelihood, ramps by step, Adam with epsilon 0.1, no
#: early stop other than by the learning rate.
TF1: dict[str, Any] = {
    **_PUBLISHED,
    **_SIZES,
    "nll_reduction": "sum",
    "poisson_full": "exact",
    "kl_sample": "same",
    "gate_bias": "forget",
    "l2_gen_scale": 2000.0,
    "l2_biases": True,
    "l2_joint_count": True,
    "ramp_unit": "step",
    "kl_ramp_length": 2000,
    "l2_ramp_length": 2000,
    "adam_epsilon": 0.1,
    "lr_rule": "train_plateau",
    "loss_scale": 1.0,
    "patience": 0,
    "select_on": "loss",
    "smoothing": 1.0,
    "inject_ext_input_to_gen": False,
    "kernel_init": "joint_normal",
    "dropout_placement": "tf1",
    "f_prior_tf1_compat": True,
    "spike_jitter_inclusive": False,
    "csv_log": "fitlog",
    "checkpoint_name": "lfads_vae",
}

#: lfadslite with coordinated dropout: mean likelihood times 1e4, ramps by epoch. Its default KL and L2 weights are
#: meant to be set.
LITE: dict[str, Any] = {
    **_PUBLISHED,
    **_SIZES,
    "nll_reduction": "mean",
    "poisson_full": "exact",
    "kl_sample": "fresh",
    "gate_bias": "ones",
    "kernel_init": "joint_normal",
    "l2_gen_scale": 2000.0,
    "kl_ramp_length": 500,
    "l2_ramp_length": 500,
    "adam_epsilon": 1e-8,
    "loss_scale": 1e4,
    "dropout_placement": "lite",
}

#: AutoLFADS in TensorFlow 2: rules and sizes of its defaults.py. Weights and ramps are those of its own Lorenz
#: configuration, because the ones in defaults.py were made for a summed likelihood and its README advises against them.
AUTOLFADS_TF2: dict[str, Any] = {
    **_PUBLISHED,
    **_SIZES,
    "nll_reduction": "mean",
    "poisson_full": "stirling",
    "kl_sample": "fresh",
    "gate_bias": "ones",
    "kernel_init": "joint_normal",
    "kl_f_weight": 6.65e-7,
    "kl_z_weight": 5e-5,
    "l2_gen_scale": 2.25e-5,
    "l2_con_scale": 3e-4,
    "kl_ramp_length": 80,
    "l2_ramp_length": 80,
    "adam_epsilon": 1e-7,
    "loss_scale": 1e4,
}

#: lfads-torch, by its configuration nlb_mc_maze: constant learning rate, coordinated dropout 0.3.
LFADS_TORCH: dict[str, Any] = {
    **_PUBLISHED,
    "nll_reduction": "mean",
    "poisson_full": "stirling",
    "kl_sample": "fresh",
    "gate_bias": "ones",
    "kernel_init": "joint_normal",
    "f_units": (64,),
    "f_latent_size": 64,
    "z1_units": 64,
    "con_units": 64,
    "z_latent_size": 4,
    "gen_units": 200,
    "n_factors": 100,
    "dropout_rate": 0.3,
    "coordinated_dropout_rate": 0.3,
    "kl_f_weight": 1e-7,
    "kl_z_weight": 1e-7,
    "kl_ramp_length": 80,
    "l2_ramp_length": 80,
    "batch_size": 256,
    "n_epochs": 1000,
    "learning_rate": 4e-3,
    "lr_rule": "none",
    "adam_epsilon": 1e-8,
    "loss_scale": 1e4,
}

#: The objective of AUTOLFADS_TF2 optimised in a tenth of its trials (docs/results/speed.md): many small batches, a
#: learning rate that falls as the validation likelihood stalls, ramps of as many steps, no noise in the KL of the
#: inferred inputs.
FAST: dict[str, Any] = {
    **AUTOLFADS_TF2,
    "kl_sample": "analytic",
    "coordinated_dropout_rate": 0.35,
    "kl_ramp_length": 5,
    "l2_ramp_length": 5,
    "batch_size": 32,
    "n_epochs": 60,
    "learning_rate": 6e-3,
    "lr_rule": "valid_plateau",
    "lr_decay": 0.7,
    "lr_patience": 4,
    "loss_scale": 1.0,
}

PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "fast": FAST,
    "tf1": TF1,
    "lite": LITE,
    "autolfads_tf2": AUTOLFADS_TF2,
    "lfads_torch": LFADS_TORCH,
}
