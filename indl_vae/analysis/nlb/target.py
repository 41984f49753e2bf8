"""What submissions are scored against, made from a data set whose held-out counts are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.nlb.submission import cut
from indl_vae.analysis.nlb.trials import in_order, splits_of
from indl_vae.analysis.observed import observed_or_nan

if TYPE_CHECKING:
    from indl_vae.data.dataset import Dataset

#: Keys of a target's group. `eval_cond_idx` is a list of index arrays, one a condition.
TARGET_KEYS = (
    "eval_spikes_heldout",
    "eval_spikes_heldin_forward",
    "eval_spikes_heldout_forward",
    "train_behavior",
    "eval_behavior",
    "train_decode_mask",
    "eval_decode_mask",
    "psth",
    "eval_cond_idx",
    "eval_jitter",
)


def target_of(dataset: Dataset, held_out: HeldOut, evaluated: str = "valid") -> dict[str, np.ndarray]:
    """Returns the target that the data themselves give: held-out counts and behaviour, no PSTHs.

    Entries that were not observed are NaN and not scored. The benchmark makes its PSTHs from the continuous recording,
    so they cannot come from here.

    Args:
        dataset: The data, with all counts.
        held_out: What the model was not shown.
        evaluated: As for `submission`, whose order of trials is the same.

    Raises:
        ConfigError: `evaluated` is not known.
        DataError: A split is missing.
    """
    names = splits_of(dataset, evaluated)
    counts = cut(in_order(dataset, (evaluated,), {evaluated: observed_or_nan(dataset.splits[evaluated])}), held_out)
    target = {f"eval_spikes_{part}": array for part, array in counts.items() if part != "heldin"}
    behavior = {name: dataset.splits[name].behavior for name in (*names, evaluated)}
    known = {name: array for name, array in behavior.items() if array is not None}
    if len(known) == len(behavior):
        n_bins = held_out.n_seen_bins(dataset.splits[evaluated].n_bins)
        target["train_behavior"] = in_order(dataset, names, known)[:, :n_bins]
        target["eval_behavior"] = in_order(dataset, (evaluated,), known)[:, :n_bins]
    return target
