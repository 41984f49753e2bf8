"""Scores of a model while it is trained: of what it infers, and of what it predicts one bin ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from indl_vae.data import Split, length_mask
from indl_vae.inference.forward_backward import log_evidence

#: Published names of the scores.
NAMES = ("mses", "r2s", "gen1_mses", "gen1_r2s")


def cosmooth_channels(region_sizes: Sequence[int], share: float, seed: int) -> np.ndarray:
    """Returns channels that are to be predicted from the others: a share of each region, drawn by a seed."""
    rng, first, chosen = np.random.RandomState(seed), 0, []
    for size in region_sizes:
        chosen.append(first + np.sort(rng.permutation(size)[: int(size * share)]))
        first += size
    return np.concatenate(chosen)


def scores_of(model: Any, split: Split, hidden: np.ndarray | None = None, seed: int = 0) -> dict[str, float]:
    """Returns mean squared errors and R2 of expected values, and of those predicted one bin ahead.

    R2 is that of all channels together, each around its own mean (the published one is around one mean of all channels,
    and counts differences between channels as explained).

    Args:
        model: The model.
        split: The trials.
        hidden: Channels that the encoder does not see, and which alone are scored; None scores all.
        seed: Of the draw of the latents.
    """
    batch = {name: value for name, value in split.batch().items() if name != "truth"}
    seen = np.ones_like(split.x) if split.mask is None else split.mask
    if hidden is not None:
        batch["mask"] = seen.copy()
        batch["mask"][..., hidden] = 0.0
    drawn = model.posterior(batch, samples=1, seed=seed)
    ahead = model.read_out(model.one_step(drawn["factors"], split.ext_input, drawn["state_probs"]))
    channels = slice(None) if hidden is None else hidden
    x, seen = split.x[..., channels], seen[..., channels] > 0
    inferred = _compare(x, drawn["rates"][..., channels], seen)
    predicted = _compare(x[:, 1:], ahead[:, 1:, channels], seen[:, 1:])
    return dict(zip(NAMES, (*inferred, *predicted), strict=True))


def log_prior(model: Any, split: Split, seed: int = 0) -> float:
    """Returns the mean over trials of the log-density of a draw of the latents under the dynamics, in nats."""
    latents = model.posterior(split, samples=1, seed=seed)["factors"]
    chain = model.potentials(latents, split.ext_input)
    lengths = np.full(split.n_trials, split.n_bins) if split.lengths is None else split.lengths
    steps = tf.constant(length_mask(lengths, split.n_bins), tf.float32)
    density = tf.where(steps[..., None] > 0, chain["log_density"], 0.0)
    return float(tf.reduce_mean(log_evidence(chain["log_start"], chain["log_matrix"], density, steps)))


def _compare(x: np.ndarray, guess: np.ndarray, seen: np.ndarray) -> tuple[float, float]:
    """Returns mean squared error and R2 over the entries that were observed; NaN where there are none."""
    if not seen.any():
        return float("nan"), float("nan")
    x, count = x.astype(np.float64), np.maximum(seen.sum((0, 1)), 1)
    mean = np.where(seen, x, 0.0).sum((0, 1)) / count
    missed = np.where(seen, (x - guess) ** 2, 0.0)
    varied = np.where(seen, (x - mean) ** 2, 0.0).sum()
    r2 = 1.0 - missed.sum() / varied if varied > 0 else float("nan")
    return float(missed.sum() / seen.sum()), float(r2)
