"""What a search may not change: by what its trials are compared."""

from __future__ import annotations

import math
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.params import Params, RampGroup, narrow

#: The column of metrics.csv that trials are compared by: the smoothed score that chooses a run's best epoch.
SCORE = "val_selection"
#: Selection scores of entries that the encoders did not see.
UNSEEN = ("hidden", "heldout_channels")
_SCORED = "decides what is scored, so that trials would no longer compare"
#: Fields that no search may draw, and why.
NOT_SEARCHED: dict[str, str] = {
    **dict.fromkeys(("select_on", "hidden_rate", "smoothing", "nll_reduction", "likelihood", "n_levels"), _SCORED),
    **dict.fromkeys(("sv_rate", "sv_seed", "heldout_channels", "heldout_bins", "bin_width_s", "missing"), _SCORED),
    **dict.fromkeys(("gamma_loc", "out_dim", "region_sizes", "image_shape", "n_identities", "identity"), _SCORED),
    **dict.fromkeys(("inputs_path", "input_path", "seq_len", "valid_share", "test_share"), _SCORED),
    **dict.fromkeys(
        ("window_T", "stride", "val_frac", "test_frac", "split", "split_seed", "gap", "normalise"), _SCORED
    ),
    "ignore_unlabeled": _SCORED,
    "family": "is one for all trials",
    "preset": "sets many values at once",
    "n_epochs": "is the length of a trial, which the search itself sets",
    "n_steps": "is the length of a trial, which the search itself sets",
    "seed": "would be chosen by luck",
}


def check_selection(params: Params) -> None:
    """Makes sure that copying what the encoders saw does not pay.

    A model that copies its input spikes has the better likelihood of them, and often the better loss. Trials of other
    regularisation are compared, so that the trap would be gone into.

    Raises:
        ConfigError: The selection score is one of entries that the encoders saw.
    """
    if params.select_on in UNSEEN:
        return
    raise ConfigError(
        f"select_on: expected {' or '.join(map(repr, UNSEEN))} for a search, got {params.select_on!r}, which scores "
        "what the encoders saw: the search would choose the settings that copy spikes best. Set select_on = 'hidden' "
        "(entries of the validation trials are hidden from the encoders and scored)."
    )


def check_searched(name: str) -> None:
    """Makes sure that a field may be searched.

    Raises:
        ConfigError: It may not.
    """
    if name in NOT_SEARCHED:
        raise ConfigError(
            f"{name}: cannot be searched: it {NOT_SEARCHED[name]}. Set it for the whole search (--set {name}=...), or "
            "compare its values by `indl-vae scan`."
        )


def epochs_of_ramps(params: Params, steps_per_epoch: int) -> int:
    """Returns the first epoch, counted from 1, after which a score counts: that in which the last ramp ends."""
    ramps = narrow(RampGroup, params)
    ends = [_end(ramps, kind, "") for kind in ("kl", "l2")] + [_end(ramps, "kl", f"kl_{latent}") for latent in "fz"]
    if ramps.ramp_unit == "step":
        return max(1, math.ceil(max(ends) / steps_per_epoch))
    return max(ends) + 1


def _end(ramps: RampGroup, kind: str, term: str) -> int:
    def setting(what: str) -> int:
        own = ramps.get(f"{term}_ramp_{what}") if term else None
        return int(ramps[f"{kind}_ramp_{what}"] if own is None else own)

    return setting("start") + setting("length")


def check_ramps(params: Params, n_trials: int) -> int:
    """Returns the epochs that a trial needs before a score of it counts.

    Args:
        params: Of a trial.
        n_trials: Training trials of the data.

    Raises:
        ConfigError: A trial is not as long.
    """
    needed = epochs_of_ramps(params, max(1, n_trials // params.batch_size))
    if not params.get("n_steps") and params.n_epochs < needed:
        raise ConfigError(
            f"n_epochs: expected at least {needed}, got {params.n_epochs}: scores count once the ramps of the loss "
            "have ended. Give trials more epochs (--epochs), or set shorter ramps (kl_ramp_length, l2_ramp_length)."
        )
    return needed


def best_score(rows: list[dict[str, Any]]) -> tuple[float, int] | None:
    """Returns the best score of a run and its epoch, those before the end of the ramps left out; None without one.

    Args:
        rows: Of its metrics.csv, as numbers.
    """
    counted = [
        (row[SCORE], int(row["epoch"]))
        for row in rows
        if math.isfinite(row.get(SCORE, math.nan))
        and all(value >= 1.0 for name, value in row.items() if name.startswith("ramp_"))
    ]
    return min(counted, default=None)
