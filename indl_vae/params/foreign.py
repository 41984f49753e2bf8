"""Settings of other codes that are no parameter here: those without effect, and those with one value on offer."""

from __future__ import annotations

from typing import Any

from indl_vae.errors import ConfigError


class UnusedSettingWarning(UserWarning):
    """A setting of another code was accepted although nothing in this library depends on it."""


#: Settings that choose files, devices and logs, that follow from the data, or that their own code never reads.
_UNUSED = frozenset(
    # run_lfads.py and run_lfadslite.py
    """kind allow_gpu_growth data_dir data_filename_stem lfads_save_dir checkpoint_pb_load_name
    output_filename_stem device ps_nexamples_to_process co_prior_var_scale
    co_prior_var ckpt_save_interval do_calc_r2 target_num_epochs dataset_names dataset_dims num_steps ndatasets"""
    # AutoLFADS; l2_readin_scale is the penalty of a read-in that its configurations switch off
    """ data_prefix seq_len l2_readin_scale eager_mode tune_mode pbt_mode log_hps
    overwrite model_dir gamma_prior"""
    # run_training.py of MR-SDS: what its code never acts on, or chooses data and files
    """ sz xic_layers xic_activations xic_trainable_cov xtransition_trainable_cov xtransition_layer_reg
    emissions_trainable_cov emissions_layer_reg ztransition_layer_mult no_us_input inference_trainable_cov
    inference_num_samples inference_xic_inf_layers inference_xic_inf_activations temperature_annealing t_min
    xent xent_rate xent_kickin_steps xentropy_annealing use_true_x use_true_z flat_learning_rate
    use_inverse_annealing_lr num_samples log_steps save_steps test_perc valid_perc mode save_training_path
    data_data_source data_tlim data_inputs data_trials data_stages data_history data_hist_tlen data_accum_only
    data_history_effect data_nle data_nle_type data_num_trials data_random_zic data_uz data_regime
    data_absmaxnorm data_loc_switch data_zswitch data_xswitch data_num_seqs data_split_obs"""
    # lfads-torch; indl
    """ target batch_order loss_order co_prior_shape ic_prior_shape latent_samples""".split()
)
_UNUSED_TREES = ("readin_", "readout_", "infer_aug_stack")

#: Settings of which this library offers one value: the value, and what to do instead of another one.
_FIXED: dict[str, tuple[Any, str]] = {
    "do_reset_learning_rate": (False, "Give `train --resume` the option --reset-learning-rate"),
    "align_mode": (False, "Leave it out"),
    "emissions_triangular_cov": (False, "Channels are independent given the latents; leave it out"),
    "output_dist_offdiag": (False, "Channels are independent given the factors; leave it out"),
}
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def is_unused(key: str) -> bool:
    """Returns whether a canonical key of another code has no effect here."""
    return key in _UNUSED or key.startswith(_UNUSED_TREES)


def is_fixed(key: str) -> bool:
    """Returns whether a canonical key of another code is one of which a single value is offered."""
    return key in _FIXED


def check_fixed(key: str, written: str, value: Any) -> None:
    """Passes when `value` is the one that is offered.

    Raises:
        ConfigError: It is another one, which would ask for a different model than the one that is built.
    """
    offered, remedy = _FIXED[key]
    if _read(value, offered) != offered:
        raise ConfigError(f"{written}: only {offered!r} is offered, got {value!r}. {remedy}.")


def _read(value: Any, offered: Any) -> Any:
    """Reads text, as command lines pass it, like the kind of value that is offered."""
    if not isinstance(value, str):
        return value
    if isinstance(offered, bool):
        return _WORDS.get(value.lower(), value)
    if isinstance(offered, str):
        return value.rpartition(".")[2]
    try:
        return float(value)
    except ValueError:
        return value


def join_lengths(leaves: list[tuple[str, str, Any]]) -> list[tuple[str, str, Any]]:
    """Replaces lfads-torch's two trial lengths by the one parameter they stand for.

    `recon_seq_len - encod_seq_len` bins at the end of a trial are predicted and not seen: `heldout_bins`.

    Raises:
        ConfigError: Only one of the two is given, or the second is shorter than the first.
    """
    lengths = {key: value for key, _, value in leaves if key in ("encod_seq_len", "recon_seq_len")}
    if not lengths:
        return leaves
    rest = [leaf for leaf in leaves if leaf[0] not in lengths]
    try:
        ahead = int(lengths["recon_seq_len"]) - int(lengths["encod_seq_len"])
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"encod_seq_len and recon_seq_len: expected both, as integers, got {lengths}. Give both, or heldout_bins "
            "instead."
        ) from error
    if ahead < 0:
        raise ConfigError(f"recon_seq_len: expected at least encod_seq_len, got {lengths}. Exchange the two.")
    return [*rest, ("heldout_bins", "recon_seq_len - encod_seq_len", ahead)]
