"""How well a model of several regions predicts: one bin ahead, and by itself from a start."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis.regions.co_smoothing import channel_r2
from indl_vae.data.split import Split
from indl_vae.errors import ConfigError


class Generated(NamedTuple):
    """A run by itself.

    Attributes:
        latents: `(B, T, D)`: what was found up to the start, then what the dynamics made of it.
        states: `(B, T)`: discrete states, likewise.
        rates: `(B, T, N)`: expected values.
        r2_over_time: `(T,)`: R2 of all channels of a bin, each around its mean over trials and bins.
        r2: R2 of all bins after the start.
    """

    latents: np.ndarray
    states: np.ndarray
    rates: np.ndarray
    r2_over_time: np.ndarray
    r2: float


def generate(model: Any, split: Split, start_bin: int = 0, x: Any | None = None) -> Generated:
    """Runs the dynamics from the latents found in one bin, with the trials' external input and without noise.

    The discrete state follows by its most probable transition each time.

    Args:
        model: A trained model.
        split: The trials; the encoder sees all of their bins, as it does to find the start.
        start_bin: The last bin that is not generated.
        x: `(B, T, N)`: what the run is scored against; the data by default.

    Raises:
        ConfigError: There is no bin after the start.
    """
    if not 0 <= start_bin < split.n_bins - 1:
        raise ConfigError(f"start_bin: expected 0 to {split.n_bins - 2}, the last bin but one, got {start_bin}.")
    latents, probs = model.states(split), model.state_probs(split)
    u = split.ext_input
    run = model.free_run(
        split.n_bins - 1 - start_bin,
        split.n_trials,
        start=latents[:, start_bin],
        start_state=probs[:, start_bin].argmax(-1),
        ext_input=None if u is None else u[:, start_bin + 1 :],
    )
    made = np.concatenate([latents[:, : start_bin + 1], run["factors"]], 1)
    states = np.concatenate([probs[:, : start_bin + 1], run["state_probs"]], 1).argmax(-1)
    rates, wanted = model.read_out(made), split.x if x is None else np.asarray(x)
    later = slice(start_bin + 1, None)
    mask = None if split.mask is None else split.mask[:, later]
    _, whole = channel_r2(wanted[:, later], rates[:, later], mask)
    return Generated(made, states, rates, r2_over_time(wanted, rates, split.mask), whole)


def one_step_r2(model: Any, split: Split) -> float:
    """Returns R2 of the data as predicted from the latents found in the bin before, all bins but the first."""
    ahead = model.one_step(model.states(split), split.ext_input, model.state_probs(split))
    mask = None if split.mask is None else split.mask[:, 1:]
    return channel_r2(split.x[:, 1:], model.read_out(ahead)[:, 1:], mask)[1]


def r2_over_time(x: Any, rates: Any, mask: Any | None = None) -> np.ndarray:
    """Returns `(T,)`: R2 of all channels and trials of a bin, each channel around its mean over all bins."""
    x, rates = np.asarray(x, np.float64), np.asarray(rates, np.float64)
    seen = np.ones(x.shape, bool) if mask is None else np.asarray(mask) > 0
    center = np.where(seen, x, 0.0).sum((0, 1)) / np.maximum(seen.sum((0, 1)), 1)
    total = np.where(seen, (x - center) ** 2, 0.0).sum((0, 2))
    error = np.where(seen, (x - rates) ** 2, 0.0).sum((0, 2))
    return np.where(total > 0, 1.0 - error / np.where(total > 0, total, 1.0), np.nan)
