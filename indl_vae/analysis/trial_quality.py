"""How well each trial is reconstructed, beside a model that knows each channel's mean rate only."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.observed import is_counts, observed_entries
from indl_vae.data.split import Split
from indl_vae.errors import DataError
from indl_vae.numerics import RATE_FLOOR, log_factorial

if TYPE_CHECKING:
    from indl_vae.data.dataset import Dataset

#: Columns of the CSV.
COLUMNS = ("split", "ind", "n_spikes", "nll", "bits_per_spike", "gain_nats")


@dataclass(frozen=True, eq=False)
class TrialQuality:
    """Scores of the trials of a split over the channels and bins that the model sees.

    Attributes:
        inds: `(B,)` number of each trial in the recording.
        n_spikes: `(B,)` spikes that were scored.
        nll: `(B,)` mean negative log-likelihood per scored entry, nats; NaN for a trial without one.
        gain: `(B,)` log-likelihood above that of the mean rates, nats per trial; below 0 the mean rates do better.
    """

    inds: np.ndarray
    n_spikes: np.ndarray
    nll: np.ndarray
    gain: np.ndarray

    @property
    def bits_per_spike(self) -> np.ndarray:
        """`(B,)` gain per spike in bits, NaN without spikes; its mean, weighted by spikes, is that of the split."""
        spikes = np.where(self.n_spikes > 0, self.n_spikes, math.nan)
        return self.gain / (spikes * math.log(2.0))

    @property
    def share_worse(self) -> float:
        """Share of the scored trials that the mean rates predict better; NaN if no trial is scored."""
        scored = np.isfinite(self.nll)
        return float((self.gain[scored] < 0).mean()) if scored.any() else math.nan

    def worst(self, number: int = 10) -> np.ndarray:
        """Returns positions of the trials with the lowest bits per spike, worst first; trials without spikes never."""
        scores = self.bits_per_spike
        order = np.argsort(scores, kind="stable")
        return order[: min(number, int(np.isfinite(scores).sum()))]


def trial_quality(rates: np.ndarray, split: Split, held_out: HeldOut | None = None) -> TrialQuality:
    """Scores each trial.

    The mean rates are those of each channel over the scored entries of this split, as for bits per spike in the Neural
    Latents Benchmark, so that the gains of all trials together are the split's bits per spike.

    Args:
        rates: `(B, T, N)` expected counts per bin; 0 counts as 1e-9.
        split: What was observed.
        held_out: What the model was not shown and is left out here; None is nothing.

    Raises:
        DataError: The data are not counts, or the rates are negative, not finite, or of another shape.
    """
    rates = np.asarray(rates, np.float64)
    if rates.shape != split.x.shape:
        raise DataError(f"rates of {split.name}: expected the shape of the data, {split.x.shape}, got {rates.shape}.")
    seen = observed_entries(split) & (held_out or HeldOut()).blocks(split.n_bins, split.n_channels)["seen"]
    if not is_counts(split.x[seen]):
        raise DataError(
            f"{split.name}: holds values that are no counts; the quality of a trial is that of Poisson rates."
        )
    if not (np.isfinite(rates[seen]).all() and (rates[seen] >= 0).all()):
        raise DataError(f"rates of {split.name}: expected finite rates of at least 0, counts per bin, not logarithms.")
    counts = np.where(seen, split.x, 0.0).astype(np.float64)
    means = counts.sum(axis=(0, 1)) / np.maximum(seen.sum(axis=(0, 1)), 1)
    n_entries = seen.sum(axis=(1, 2))
    own, null = (_log_likelihood(given, counts, seen) for given in (rates, np.broadcast_to(means, rates.shape)))
    nll = np.where(n_entries > 0, -own / np.maximum(n_entries, 1), math.nan)
    return TrialQuality(np.asarray(split.inds), counts.sum(axis=(1, 2)), nll, own - null)


def qualities(rates: Mapping[str, np.ndarray], dataset: Dataset, held_out: HeldOut) -> dict[str, TrialQuality]:
    """Returns `trial_quality` of every split of a data set, by name; the rates are given by split."""
    return {name: trial_quality(rates[name], split, held_out) for name, split in dataset.splits.items()}


def _log_likelihood(rates: np.ndarray, counts: np.ndarray, seen: np.ndarray) -> np.ndarray:
    rates = np.where(seen, rates, 1.0)
    rates = np.where(rates == 0.0, RATE_FLOOR, rates)
    return np.where(seen, counts * np.log(rates) - rates - log_factorial(counts), 0.0).sum(axis=(1, 2))


def write_trials_csv(path: str | os.PathLike[str], qualities: Mapping[str, TrialQuality]) -> Path:
    """Writes a row a trial, whole or not at all; an undefined figure is empty.

    Args:
        path: The file; an existing one is replaced.
        qualities: By split.

    Returns:
        The path.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, one in qualities.items():
            columns = (one.inds.tolist(), one.n_spikes.tolist(), one.nll, one.bits_per_spike, one.gain)
            for ind, spikes, *figures in zip(*columns, strict=True):
                writer.writerow([name, int(ind), f"{spikes:.0f}", *(_text(figure) for figure in figures)])
    os.replace(part, path)
    return path


def _text(figure: float) -> str:
    return f"{figure:.8g}" if math.isfinite(figure) else ""
