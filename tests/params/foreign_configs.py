"""Configurations in the names of other codes, and what they mean in ours."""

from __future__ import annotations

#: The first command of the LFADS README, as a shell passes it.
RUN_LFADS = """
--kind=train --data_dir=data/ --data_filename_stem=chaotic_rnn_no_inputs --lfads_save_dir=runs/ --co_dim=0
--factors_dim=20 --ext_input_dim=0 --controller_input_lag=1 --output_dist=poisson --do_causal_controller=false
--batch_size=128 --learning_rate_init=0.01 --learning_rate_stop=1e-05 --learning_rate_decay_factor=0.95
--learning_rate_n_to_compare=6 --do_reset_learning_rate=false --keep_prob=0.95 --con_dim=128 --gen_dim=200
--ci_enc_dim=128 --ic_dim=64 --ic_enc_dim=128 --ic_prior_var_min=0.1 --gen_cell_input_weight_scale=1.0
--cell_weight_scale=1.0 --do_feed_factors_to_controller=true --kl_start_step=0 --kl_increase_steps=2000
--kl_ic_weight=1.0 --l2_con_scale=0.0 --l2_gen_scale=2000.0 --l2_start_step=0 --l2_increase_steps=2000
--ic_prior_var_scale=0.1 --ic_post_var_min=0.0001 --kl_co_weight=1.0 --prior_ar_nvar=0.1 --cell_clip_value=5.0
--max_ckpt_to_keep_lve=5 --do_train_prior_ar_atau=true --co_prior_var_scale=0.1 --csv_log=fitlog
--feedback_factors_or_rates=factors --do_train_prior_ar_nvar=true --max_grad_norm=200.0 --device=gpu:0
--num_steps_for_gen_ic=100000000 --ps_nexamples_to_process=100000000 --checkpoint_name=lfads_vae
--temporal_spike_jitter_width=0 --checkpoint_pb_load_name=checkpoint --inject_ext_input_to_gen=false
--co_mean_corr_scale=0.0 --gen_cell_rec_weight_scale=1.0 --max_ckpt_to_keep=5 --output_filename_stem=""
--ic_prior_var_max=0.1 --prior_ar_atau=10.0 --do_train_io_only=false
"""
LITE_FLAGS = {
    "l2_ic_enc_scale": 0.5,
    "l2_ci_enc_scale": 0.25,
    "in_factors_dim": 12,
    "ic_enc_seg_len": 7,
    "n_epochs_early_stop": 90,
    "keep_ratio": 0.7,
    "cd_grad_passthru_prob": 0.1,
    "cv_keep_ratio": 0.8,
    "cv_rand_seed": 3.0,
    "ic_prior_var": 0.2,
    "kl_start_epoch": 1,
    "kl_increase_epochs": 2,
    "l2_start_epoch": 3,
    "l2_increase_epochs": 4,
    "loss_scale": 1e4,
    "adam_epsilon": 1e-8,
    "beta1": 0.8,
    "beta2": 0.99,
    "valid_batch_size": 5,
}
LITE_MEANS = {
    "l2_f_scale": 0.5,
    "l2_z_scale": 0.25,
    "input_factors": 12,
    "f_enc_input_samps": 7,
    "patience": 90,
    "coordinated_dropout_rate": 0.3,
    "cd_pass_rate": 0.1,
    "sv_rate": 0.2,
    "sv_seed": 3,
    "f_prior_kappa": 0.2,
    "kl_ramp_start": 1,
    "kl_ramp_length": 2,
    "l2_ramp_start": 3,
    "l2_ramp_length": 4,
    "ramp_unit": "epoch",
    "loss_scale": 1e4,
    "adam_epsilon": 1e-8,
    "adam_beta1": 0.8,
    "adam_beta2": 0.99,
    "valid_batch_size": 5,
}
AUTOLFADS = """
SEED: 100
MODEL:
  DATA_DIM: 60
  CS_DIM: 15
  SEQ_LEN: 100
  FP_LEN: 40
  IC_ENC_SEQ_LEN: 5
  EXT_INPUT_DIM: 2
  READIN_DIM: -1
  ALIGN_MODE: false
  IC_ENC_DIM: 101
  CI_ENC_DIM: 102
  CON_DIM: 103
  CO_DIM: 4
  IC_DIM: 104
  GEN_DIM: 105
  FAC_DIM: 106
  DROPOUT_RATE: 0.06
  CD_RATE: 0.35
  CD_PASS_RATE: 0.02
  SV_RATE: 0.2
  SV_SEED: 8
  SAMPLE_POSTERIORS: true
  CO_AUTOREG_PRIOR: true
  CO_PRIOR_TAU: 9.0
  CO_PRIOR_NVAR: 0.25
  IC_PRIOR_VAR: 0.3
  IC_POST_VAR_MIN: 0.0002
  CELL_CLIP: 4.0
  CI_LAG: 2
TRAIN:
  DATA: {DIR: data, PREFIX: lorenz}
  PATIENCE: 150
  BATCH_SIZE: 500
  MAX_EPOCHS: 1000
  MAX_GRAD_NORM: 100.0
  LOSS_SCALE: 1.0
  NLL_MEAN: true
  LR: {INIT: 0.01, STOP: 1.0e-6, DECAY: 0.9, PATIENCE: 7}
  ADAM_EPSILON: 1.0e-07
  L2: {START_EPOCH: 1, INCREASE_EPOCH: 2, IC_ENC_SCALE: 0.1, CI_ENC_SCALE: 0.2, GEN_SCALE: 0.3, CON_SCALE: 0.4,
       READIN_SCALE: 5.0e-3}
  KL: {START_EPOCH: 3, INCREASE_EPOCH: 4, IC_WEIGHT: 0.5, CO_WEIGHT: 0.6}
  ENCODERS_ONLY: false
  EAGER_MODE: false
  TUNE_MODE: false
  PBT_MODE: false
  LOG_HPS: false
  USE_TB: true
  MODEL_DIR: runs
  OVERWRITE: false
"""
AUTOLFADS_MEANS = {
    "seed": 100,
    "out_dim": 60,
    "heldout_channels": 15,
    "heldout_bins": 40,
    "f_enc_input_samps": 5,
    "ext_input_dim": 2,
    "input_factors": 0,
    "f_units": (101,),
    "z1_units": 102,
    "con_units": 103,
    "z_latent_size": 4,
    "f_latent_size": 104,
    "gen_units": 105,
    "n_factors": 106,
    "dropout_rate": 0.06,
    "coordinated_dropout_rate": 0.35,
    "cd_pass_rate": 0.02,
    "sv_rate": 0.2,
    "sv_seed": 8,
    "z_prior_process": "AR1",
    "z_prior_tau": 9.0,
    "z_prior_init_std": 0.5,
    "f_prior_kappa": 0.3,
    "f_min_var": 0.0002,
    "gru_clip_value": 4.0,
    "z1_lag": 2,
    "patience": 150,
    "batch_size": 500,
    "n_epochs": 1000,
    "max_grad_norm": 100.0,
    "loss_scale": 1.0,
    "nll_reduction": "mean",
    "learning_rate": 0.01,
    "lr_stop": 1e-6,
    "lr_decay": 0.9,
    "lr_patience": 7,
    "adam_epsilon": 1e-7,
    "l2_ramp_start": 1,
    "l2_ramp_length": 2,
    "l2_f_scale": 0.1,
    "l2_z_scale": 0.2,
    "l2_gen_scale": 0.3,
    "l2_con_scale": 0.4,
    "kl_ramp_start": 3,
    "kl_ramp_length": 4,
    "kl_f_weight": 0.5,
    "kl_z_weight": 0.6,
    "ramp_unit": "epoch",
}
LFADS_TORCH = """
_target_: lfads_torch.models.base_model.LFADS
encod_data_dim: 137
encod_seq_len: 140
recon_seq_len: 180
ext_input_dim: 0
ic_enc_seq_len: 0
ic_enc_dim: 100
ci_enc_dim: 80
ci_lag: 1
con_dim: 80
co_dim: 4
ic_dim: 100
gen_dim: 100
fac_dim: 40
readin:
  - _target_: torch.nn.Identity
readout:
  _target_: torch.nn.ModuleList
  modules:
    - _target_: lfads_torch.models.modules.readin_readout.FanInLinear
      in_features: ${model.fac_dim}
      out_features: 182
train_aug_stack:
  _target_: lfads_torch.models.modules.augmentations.AugmentationStack
  transforms:
    - _target_: lfads_torch.models.modules.augmentations.CoordinatedDropout
      cd_rate: 0.3
      cd_pass_rate: 0.01
      ic_enc_seq_len: ${model.ic_enc_seq_len}
  batch_order: [0]
  loss_order: [0]
infer_aug_stack:
  _target_: lfads_torch.models.modules.augmentations.AugmentationStack
reconstruction:
  - _target_: lfads_torch.models.modules.recons.Gamma
co_prior: {_target_: lfads_torch.models.modules.priors.AutoregressiveMultivariateNormal, tau: 9.0, nvar: 0.25, shape: 4}
ic_prior:
  _target_: lfads_torch.models.modules.priors.MultivariateNormal
  mean: 0
  variance: 0.2
  shape: ${model.ic_dim}
ic_post_var_min: 1.0e-4
variational: True
dropout_rate: 0.02
cell_clip: 5.0
loss_scale: 1.0e+4
recon_reduce_mean: False
lr_init: 1.0e-2
lr_stop: 1.0e-5
lr_decay: 0.95
lr_patience: 6
lr_adam_beta1: 0.8
lr_adam_beta2: 0.99
lr_adam_epsilon: 1.0e-6
lr_scheduler: True
weight_decay: 0.5
l2_start_epoch: 1
l2_increase_epoch: 80
l2_ic_enc_scale: 0.0
l2_ci_enc_scale: 0.0
l2_gen_scale: 0.1
l2_con_scale: 0.2
kl_start_epoch: 2
kl_increase_epoch: 81
kl_ic_scale: 0.3
kl_co_scale: 0.4
"""
LFADS_TORCH_MEANS = {
    "heldout_channels": "137:",
    "heldout_bins": 40,
    "f_units": (100,),
    "z1_units": 80,
    "con_units": 80,
    "z_latent_size": 4,
    "f_latent_size": 100,
    "gen_units": 100,
    "n_factors": 40,
    "coordinated_dropout_rate": 0.3,
    "cd_pass_rate": 0.01,
    "likelihood": "gamma",
    "z_prior_process": "AR1",
    "z_prior_tau": 9.0,
    "z_prior_init_std": 0.5,
    "f_prior_kappa": 0.2,
    "dropout_rate": 0.02,
    "loss_scale": 1e4,
    "nll_reduction": "sum",
    "learning_rate": 0.01,
    "adam_beta1": 0.8,
    "adam_beta2": 0.99,
    "adam_epsilon": 1e-6,
    "lr_rule": "valid_plateau",
    "weight_decay": 0.5,
    "l2_ramp_start": 1,
    "l2_ramp_length": 80,
    "kl_ramp_start": 2,
    "kl_ramp_length": 81,
    "l2_gen_scale": 0.1,
    "l2_con_scale": 0.2,
    "kl_f_weight": 0.3,
    "kl_z_weight": 0.4,
}
