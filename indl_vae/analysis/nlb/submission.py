"""The arrays of a submission to the Neural Latents Benchmark, from a model or from rates inferred already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from indl_vae.analysis.evaluate import posterior_of
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.nlb.rates import check_submission
from indl_vae.analysis.nlb.trials import in_order, splits_of
from indl_vae.errors import ConfigError
from indl_vae.numerics import RATE_FLOOR

if TYPE_CHECKING:
    from indl_vae.data.dataset import Dataset


def submission(
    model: Any, dataset: Dataset, evaluated: str = "valid", samples: int = 50, seed: int = 0
) -> dict[str, np.ndarray]:
    """Infers the rates of a submission; the model does not see what its params hold out.

    Args:
        model: Has `params` and `posterior(split, samples, seed)`, which returns arrays with "rates" `(B, T, N)`.
        dataset: The data.
        evaluated: "valid", with the training split as training trials, or "test", with training and validation split.
        samples: Posterior samples averaged.
        seed: Seed of the samples.

    Returns:
        As `submission_of_rates`.

    Raises:
        ConfigError: Nothing is held out, or `evaluated` is not known.
        DataError: A split is missing, or a rate is not finite or not above 0.
    """
    held_out = HeldOut.from_params(model.params, dataset)
    _check_held_out(held_out)
    names = (*splits_of(dataset, evaluated), evaluated)
    rates = {name: posterior_of(model, dataset.splits[name], held_out, samples, seed)["rates"] for name in names}
    return submission_of_rates(rates, dataset, held_out, evaluated)


def submission_of_rates(
    rates: Mapping[str, np.ndarray], dataset: Dataset, held_out: HeldOut, evaluated: str = "valid"
) -> dict[str, np.ndarray]:
    """Cuts rates into the arrays of a submission.

    Args:
        rates: By split, `(B, T, N)` expected counts per bin, held-out channels and bins among them.
        dataset: The data, for the order of the trials.
        held_out: Held-out channels become `*_heldout`, in increasing order, and held-out last bins `*_forward`.
        evaluated: As for `submission`.

    Returns:
        `{train,eval}_rates_{heldin,heldout}` and, with held-out bins, `*_forward`; float64.

    Raises:
        ConfigError: No channel is held out, or `evaluated` is not known.
        DataError: As `check_submission`, or a split is missing.
    """
    _check_held_out(held_out)
    trials = {"train": splits_of(dataset, evaluated), "eval": (evaluated,)}
    arrays = {}
    for role, names in trials.items():
        trial_rates = np.asarray(in_order(dataset, names, rates), np.float64)
        # Posterior samples of a silent channel can underflow; the benchmark would take this floor in place of 0.
        parts = cut(np.where(trial_rates == 0.0, RATE_FLOOR, trial_rates), held_out)
        arrays.update({f"{role}_rates_{part}": array for part, array in parts.items()})
    return check_submission(arrays)


def cut(array: np.ndarray, held_out: HeldOut) -> dict[str, np.ndarray]:
    """Returns `(B, T, N)` as "heldin", "heldout" and, with held-out bins, "heldin_forward" and "heldout_forward"."""
    n_bins = held_out.n_seen_bins(array.shape[1])
    channels = {"heldin": held_out.seen_channels(array.shape[2]), "heldout": np.asarray(held_out.channels, np.int64)}
    parts = {name: array[:, :n_bins, chosen] for name, chosen in channels.items()}
    if held_out.bins:
        parts |= {f"{name}_forward": array[:, n_bins:, chosen] for name, chosen in channels.items()}
    return parts


def _check_held_out(held_out: HeldOut) -> None:
    if not held_out.channels:
        raise ConfigError(
            "heldout_channels: none, but a submission is scored on channels that the model did not see; train with "
            "heldout_channels set (for example 3::4, or the number of the data's last channels)."
        )
