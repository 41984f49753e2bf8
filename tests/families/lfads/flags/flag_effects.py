"""Which test shows the effect of each flag of run_lfads.py, lfadslite, AutoLFADS and lfads-torch.

A value is `module.test` of this folder, or the path of a test elsewhere (`tests/...py::test`); None means that no test
shows the flag's effect by itself. `NOTES` says why a flag has no parameter. `docs.py` makes docs/lfads_flags.md of it.
"""

from __future__ import annotations


def _in(module: str, names: str) -> dict[str, str | None]:
    return {name: f"{module}.test_{name}" for name in names.split()}


def _files(names: str) -> dict[str, str | None]:
    return dict.fromkeys(names.split())


_KINDS, _SCRIPT = "tests/cli/test_run_lfads_kinds.py::", "tests/cli/test_train_lfads_script.py::"

RUN_LFADS: dict[str, str | None] = {
    **_in(
        "test_structure",
        """output_dist ext_input_dim num_steps_for_gen_ic inject_ext_input_to_gen ic_dim factors_dim ic_enc_dim gen_dim
        co_dim do_causal_controller do_feed_factors_to_controller feedback_factors_or_rates controller_input_lag
        ci_enc_dim con_dim cell_clip_value keep_prob temporal_spike_jitter_width""",
    ),
    **_in(
        "test_initial_weights",
        """cell_weight_scale gen_cell_input_weight_scale gen_cell_rec_weight_scale ic_prior_var_min ic_prior_var_scale
        ic_prior_var_max ic_post_var_min prior_ar_atau prior_ar_nvar do_train_prior_ar_atau do_train_prior_ar_nvar""",
    ),
    **_in(
        "test_loss",
        """max_grad_norm learning_rate_init l2_gen_scale l2_con_scale co_mean_corr_scale kl_ic_weight kl_co_weight
        kl_start_step kl_increase_steps l2_start_step l2_increase_steps""",
    ),
    **_in(
        "test_training_flags",
        """learning_rate_decay_factor learning_rate_stop learning_rate_n_to_compare do_train_io_only
        do_train_encoder_only do_train_readin""",
    ),
    # Files, devices and the course of a run.
    **_files("co_prior_var_scale"),
    **dict.fromkeys(
        "data_dir data_filename_stem lfads_save_dir".split(), _SCRIPT + "test_the_first_command_of_the_readme"
    ),
    "checkpoint_pb_load_name": _SCRIPT + "test_kinds",
    "batch_size": _KINDS + "test_prior_file",
    "allow_gpu_growth": "tests/cli/test_devices.py::test_what_tensorflow_sees",
    "max_ckpt_to_keep": "tests/training/test_callbacks.py::test_checkpoints_are_kept_as_asked_for",
    "max_ckpt_to_keep_lve": "tests/training/test_callbacks.py::test_checkpoints_are_kept_as_asked_for",
    "kind": _KINDS + "test_posterior_files",
    "csv_log": _KINDS + "test_fitlog_follows_the_metrics",
    "checkpoint_name": _KINDS + "test_checkpoints_have_their_names",
    "do_reset_learning_rate": _KINDS + "test_the_learning_rate_was_reset",
    "ps_nexamples_to_process": _KINDS + "test_a_cap_on_the_trials_and_a_stem",
    "output_filename_stem": _KINDS + "test_a_cap_on_the_trials_and_a_stem",
    "device": _KINDS + "test_a_gpu_that_is_not_there_is_said_once",
}

LITE: dict[str, str | None] = {
    **_in("test_structure", "in_factors_dim keep_ratio cd_grad_passthru_prob cv_keep_ratio"),
    **_in(
        "test_loss",
        """l2_ic_enc_scale l2_ci_enc_scale kl_start_epoch kl_increase_epochs l2_start_epoch l2_increase_epochs
        loss_scale adam_epsilon beta1 beta2""",
    ),
    **_in("test_training_flags", "n_epochs_early_stop valid_batch_size"),
    "ic_enc_seg_len": "test_structure.test_num_steps_for_gen_ic",
    "ic_prior_var": "test_initial_weights.test_ic_prior_var_scale",
    **_files("cv_rand_seed co_prior_var ckpt_save_interval target_num_epochs do_calc_R2"),
}

AUTOLFADS: dict[str, str | None] = {
    "MODEL.IC_ENC_DIM": "test_structure.test_ic_enc_dim",
    "MODEL.CI_ENC_DIM": "test_structure.test_ci_enc_dim",
    "MODEL.CON_DIM": "test_structure.test_con_dim",
    "MODEL.CO_DIM": "test_structure.test_co_dim",
    "MODEL.IC_DIM": "test_structure.test_ic_dim",
    "MODEL.GEN_DIM": "test_structure.test_gen_dim",
    "MODEL.FAC_DIM": "test_structure.test_factors_dim",
    "MODEL.EXT_INPUT_DIM": "test_structure.test_ext_input_dim",
    "MODEL.IC_ENC_SEQ_LEN": "test_structure.test_num_steps_for_gen_ic",
    "MODEL.READIN_DIM": "test_structure.test_in_factors_dim",
    "MODEL.DROPOUT_RATE": "test_structure.test_keep_prob",
    "MODEL.CD_RATE": "test_structure.test_keep_ratio",
    "MODEL.CD_PASS_RATE": "test_structure.test_cd_grad_passthru_prob",
    "MODEL.SV_RATE": "test_structure.test_cv_keep_ratio",
    "MODEL.SAMPLE_POSTERIORS": "test_loss.test_sample_posteriors",
    "MODEL.CO_AUTOREG_PRIOR": "test_loss.test_co_autoreg_prior",
    "MODEL.CO_PRIOR_TAU": "test_initial_weights.test_prior_ar_atau",
    "MODEL.CO_PRIOR_NVAR": "test_initial_weights.test_prior_ar_nvar",
    "MODEL.IC_PRIOR_VAR": "test_initial_weights.test_ic_prior_var_scale",
    "MODEL.IC_POST_VAR_MIN": "test_initial_weights.test_ic_post_var_min",
    "MODEL.CELL_CLIP": "test_structure.test_cell_clip_value",
    "MODEL.CI_LAG": "test_structure.test_controller_input_lag",
    "TRAIN.MAX_GRAD_NORM": "test_loss.test_max_grad_norm",
    "TRAIN.LOSS_SCALE": "test_loss.test_loss_scale",
    "TRAIN.NLL_MEAN": "test_loss.test_nll_mean",
    "TRAIN.LR.INIT": "test_loss.test_learning_rate_init",
    "TRAIN.LR.STOP": "test_training_flags.test_learning_rate_stop",
    "TRAIN.LR.DECAY": "test_training_flags.test_learning_rate_decay_factor",
    "TRAIN.LR.PATIENCE": "test_training_flags.test_learning_rate_n_to_compare",
    "TRAIN.ADAM_EPSILON": "test_loss.test_adam_epsilon",
    "TRAIN.PATIENCE": "test_training_flags.test_n_epochs_early_stop",
    "TRAIN.L2.START_EPOCH": "test_loss.test_l2_start_epoch",
    "TRAIN.L2.INCREASE_EPOCH": "test_loss.test_l2_increase_epochs",
    "TRAIN.L2.IC_ENC_SCALE": "test_loss.test_l2_ic_enc_scale",
    "TRAIN.L2.CI_ENC_SCALE": "test_loss.test_l2_ci_enc_scale",
    "TRAIN.L2.GEN_SCALE": "test_loss.test_l2_gen_scale",
    "TRAIN.L2.CON_SCALE": "test_loss.test_l2_con_scale",
    "TRAIN.KL.START_EPOCH": "test_loss.test_kl_start_epoch",
    "TRAIN.KL.INCREASE_EPOCH": "test_loss.test_kl_increase_epochs",
    "TRAIN.KL.IC_WEIGHT": "test_loss.test_kl_ic_weight",
    "TRAIN.KL.CO_WEIGHT": "test_loss.test_kl_co_weight",
    "MODEL.CS_DIM": "tests/builders/test_prepare_inputs.py",
    "MODEL.FP_LEN": "tests/builders/test_prepare_inputs.py",
    **_files(
        """MODEL.DATA_DIM MODEL.SEQ_LEN MODEL.ALIGN_MODE MODEL.SV_SEED TRAIN.DATA.DIR TRAIN.DATA.PREFIX TRAIN.BATCH_SIZE
        TRAIN.MAX_EPOCHS TRAIN.L2.READIN_SCALE TRAIN.ENCODERS_ONLY TRAIN.EAGER_MODE TRAIN.TUNE_MODE TRAIN.PBT_MODE
        TRAIN.LOG_HPS TRAIN.USE_TB TRAIN.MODEL_DIR TRAIN.OVERWRITE"""
    ),
}

LFADS_TORCH: dict[str, str | None] = {
    "variational": "test_loss.test_variational",
    "weight_decay": "test_loss.test_weight_decay",
    "lr_adam_beta1": "test_loss.test_beta1",
    "lr_adam_beta2": "test_loss.test_beta2",
    "recon_reduce_mean": "test_loss.test_nll_mean",
    "ic_prior.mean": "test_initial_weights.test_ic_prior_mean",
    "co_prior.mean": "test_initial_weights.test_co_prior_mean",
    "SpikeJitter.width": "tests/layers/test_spike_jitter.py",
    "TemporalShift.std": "tests/layers/test_temporal_shift.py",
    "TemporalShift.max_shift": "tests/layers/test_temporal_shift.py",
    "SelectiveBackpropThruTime": "tests/models/test_selective_backprop.py",
    **_files("encod_data_dim encod_seq_len recon_seq_len lr_scheduler ic_prior._target_ co_prior._target_"),
}

#: Code -> flags.
CODES = {"run_lfads.py": RUN_LFADS, "lfadslite": LITE, "AutoLFADS": AUTOLFADS, "lfads-torch": LFADS_TORCH}

#: What is to be said of flags that are no parameter.
NOTES = {
    "co_prior_var_scale": "without effect, as in run_lfads.py itself, which never reads it",
    "co_prior_var": "without effect: the AR(1) prior has `prior_ar_nvar`",
    "allow_gpu_growth": "`indl-vae --allow-gpu-growth`",
    "kind": "the commands of `indl-vae`",
    "data_dir": "where the data are",
    "data_filename_stem": "where the data are",
    "lfads_save_dir": "`--out`",
    "output_filename_stem": "names of the posterior files",
    "device": "`indl-vae --device`",
    "checkpoint_pb_load_name": "`--checkpoint`",
    "ps_nexamples_to_process": "trials of the posterior files",
    "do_reset_learning_rate": "`train --resume --reset-learning-rate`",
    "ckpt_save_interval": "without effect: every epoch can be resumed",
    "target_num_epochs": "without effect",
    "do_calc_R2": "without effect: R2 is reported where the data hold true rates",
    "MODEL.SEQ_LEN": "follows from the data",
    "MODEL.ALIGN_MODE": "False alone is accepted",
    "TRAIN.DATA.DIR": "where the data are",
    "TRAIN.DATA.PREFIX": "where the data are",
    "TRAIN.L2.READIN_SCALE": "without effect: its published configurations have no read-in",
    "TRAIN.EAGER_MODE": "without effect",
    "TRAIN.TUNE_MODE": "without effect",
    "TRAIN.PBT_MODE": "without effect",
    "TRAIN.LOG_HPS": "without effect",
    "TRAIN.USE_TB": "without effect: TensorBoard files are always written",
    "TRAIN.MODEL_DIR": "`--out`",
    "TRAIN.OVERWRITE": "`--overwrite`",
    "SelectiveBackpropThruTime": "`missing = mask`",
    "encod_seq_len": "with `recon_seq_len`: `heldout_bins`",
    "recon_seq_len": "with `encod_seq_len`: `heldout_bins`",
}
