"""Translates the `model_spec.yaml` of AutoLFADS-TF2 into parameters of `indl_vae`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from indl_vae.errors import DataError
from indl_vae.importers.lfads_tree import LFADSSizes

#: Keys whose value is taken as it is. Sizes are not among them: they come from the weights.
_SAME = {
    "MODEL.CD_PASS_RATE": "cd_pass_rate",
    "MODEL.CD_RATE": "coordinated_dropout_rate",
    "MODEL.CELL_CLIP": "gru_clip_value",
    "MODEL.CI_LAG": "z1_lag",
    "MODEL.CO_PRIOR_TAU": "z_prior_tau",
    "MODEL.DROPOUT_RATE": "dropout_rate",
    "MODEL.FP_LEN": "heldout_bins",
    "MODEL.IC_ENC_SEQ_LEN": "f_enc_input_samps",
    "MODEL.IC_POST_VAR_MIN": "f_min_var",
    "MODEL.IC_PRIOR_VAR": "f_prior_kappa",
    "MODEL.SAMPLE_POSTERIORS": "sample_posteriors",
    "MODEL.SV_RATE": "sv_rate",
    "MODEL.SV_SEED": "sv_seed",
    "TRAIN.ADAM_EPSILON": "adam_epsilon",
    "TRAIN.BATCH_SIZE": "batch_size",
    "TRAIN.KL.CO_WEIGHT": "kl_z_weight",
    "TRAIN.KL.IC_WEIGHT": "kl_f_weight",
    "TRAIN.KL.INCREASE_EPOCH": "kl_ramp_length",
    "TRAIN.KL.START_EPOCH": "kl_ramp_start",
    "TRAIN.L2.CI_ENC_SCALE": "l2_z_scale",
    "TRAIN.L2.CON_SCALE": "l2_con_scale",
    "TRAIN.L2.GEN_SCALE": "l2_gen_scale",
    "TRAIN.L2.IC_ENC_SCALE": "l2_f_scale",
    "TRAIN.L2.INCREASE_EPOCH": "l2_ramp_length",
    "TRAIN.L2.START_EPOCH": "l2_ramp_start",
    "TRAIN.LOSS_SCALE": "loss_scale",
    "TRAIN.LR.INIT": "learning_rate",
    "TRAIN.LR.STOP": "lr_stop",
    "TRAIN.MAX_EPOCHS": "n_epochs",
    "TRAIN.MAX_GRAD_NORM": "max_grad_norm",
    "TRAIN.PATIENCE": "patience",
}
#: Sizes in the file that must agree with the weights; those of the controller only where there is one.
_SIZES = {
    "MODEL.DATA_DIM": "n_outputs",
    "MODEL.IC_ENC_DIM": "ic_enc_dim",
    "MODEL.IC_DIM": "ic_dim",
    "MODEL.GEN_DIM": "gen_dim",
    "MODEL.FAC_DIM": "fac_dim",
    "MODEL.EXT_INPUT_DIM": "ext_input_dim",
    "MODEL.CS_DIM": "n_heldout",
}
_CONTROLLER_SIZES = {"MODEL.CI_ENC_DIM": "ci_enc_dim", "MODEL.CON_DIM": "con_dim", "MODEL.CO_DIM": "co_dim"}


def read_spec(path: Path) -> dict[str, Any]:
    """Returns the settings of a `model_spec.yaml` under dotted keys such as `TRAIN.LR.INIT`.

    Raises:
        DataError: If the file is not YAML or has no MODEL section.
    """
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not a YAML file ({error}); expected an AutoLFADS-TF2 model_spec.yaml.") from error
    if not isinstance(tree, dict) or not isinstance(tree.get("MODEL"), dict):
        raise DataError(f"{path}: no MODEL section; expected an AutoLFADS-TF2 model_spec.yaml. Replace the file.")
    return _flatten(tree)


def check_spec(spec: Mapping[str, Any], sizes: LFADSSizes, path: Path) -> None:
    """Checks that settings and weights belong to one model.

    Raises:
        DataError: Naming every size in which they differ.
    """
    keys = _SIZES | (_CONTROLLER_SIZES if sizes.co_dim else {})
    wrong = [
        f"{key} is {spec[key]}, the weights say {getattr(sizes, name)}"
        for key, name in keys.items()
        if key in spec and spec[key] != getattr(sizes, name)
    ]
    if wrong:
        raise DataError(
            f"{path}: belongs to another model than the checkpoint: {'; '.join(wrong)}. "
            "Put the model_spec.yaml of the same training run beside the checkpoint."
        )


def spec_params(spec: Mapping[str, Any], path: Path) -> tuple[dict[str, Any], list[str]]:
    """Returns the parameters that the settings stand for, and remarks on what has no counterpart.

    Raises:
        DataError: If a variance, the decay of the learning rate or a length is not a positive number.
    """
    params = {name: spec[key] for key, name in _SAME.items() if key in spec}
    params["ramp_unit"] = "epoch"
    if "MODEL.CO_PRIOR_NVAR" in spec:
        params["z_prior_init_std"] = math.sqrt(_positive(spec, "MODEL.CO_PRIOR_NVAR", path))
    if "TRAIN.NLL_MEAN" in spec:
        params["nll_reduction"] = "mean" if spec["TRAIN.NLL_MEAN"] else "sum"
    if "TRAIN.LR.DECAY" in spec:
        params |= _learning_rate_rule(spec, path)
    if "MODEL.SEQ_LEN" in spec:
        _positive(spec, "MODEL.SEQ_LEN", path)
    notes = []
    if spec.get("TRAIN.ENCODERS_ONLY") is True:
        notes.append("ENCODERS_ONLY is true there: that run trained only the encoders; here every weight trains.")
    return params, notes


def _learning_rate_rule(spec: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Returns the plateau rule; a decay of 1 means a constant learning rate."""
    decay = _positive(spec, "TRAIN.LR.DECAY", path)
    if decay >= 1.0:
        return {"lr_rule": "none"}
    patience = {"lr_patience": spec["TRAIN.LR.PATIENCE"]} if "TRAIN.LR.PATIENCE" in spec else {}
    return {"lr_rule": "valid_plateau", "lr_decay": decay, **patience}


def _positive(spec: Mapping[str, Any], key: str, path: Path) -> float:
    value = spec[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise DataError(f"{path}: {key} is {value!r}, expected a number > 0. Correct the file.")
    return float(value)


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
