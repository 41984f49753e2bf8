"""How far the messages that a model found are the true ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.regions.latent_maps import LatentMap
from indl_vae.errors import DataError


def message_recovery(
    messages: Any, true: Any, maps: list[LatentMap], states: Any | None = None, least: float = 0.02
) -> np.ndarray:
    """Returns `(R, R)`: R2 of the messages to a region (rows) from a region (columns).

    A message is a step in the receiver's latents, so the map of the receiver's latents to the true ones takes it there:
    nothing is fitted to the messages but their means in each discrete state, which are not told by the data (a constant
    may go to any sender).

    Args:
        messages: `(B, T, R, R, d)`: of `model.messages`.
        true: `(B, T, R, R, L)`: the true messages; those of the first bin play no part.
        maps: Of `fit_latent_maps`.
        states: Optional `(B, T)`: numbers of the true discrete states.
        least: A true message whose deviation is below this share of the largest one's counts as none.

    Returns:
        R2 over all bins but the first and all latents; NaN where there is no true message.

    Raises:
        DataError: Trials, bins or regions differ.
    """
    found, wanted = np.asarray(messages, np.float64)[:, 1:], np.asarray(true, np.float64)[:, 1:]
    if found.shape[:4] != wanted.shape[:4]:
        raise DataError(
            f"messages: have shape {np.shape(messages)}, expected the trials, bins and regions of the true ones, "
            f"{np.shape(true)}."
        )
    labels = np.zeros(found.shape[:2]) if states is None else np.asarray(states).reshape(len(found), -1)[:, 1:]
    truth = _without_means(wanted, labels)
    total = (truth**2).sum((0, 1, 4))
    scores = np.full(total.shape, np.nan)
    for i, j in np.argwhere(total > least**2 * total.max()):
        guess = _without_means(found[:, :, i, j] @ maps[i].weights, labels)
        scores[i, j] = 1.0 - ((truth[:, :, i, j] - guess) ** 2).sum() / total[i, j]
    return scores


def _without_means(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns values `(B, T, ...)` less their means over the bins of each label."""
    out = values.copy()
    for label in np.unique(labels):
        out[labels == label] -= values[labels == label].mean(0)
    return out


def message_norms(messages: Any, input_messages: Any | None = None) -> np.ndarray:
    """Returns the lengths of messages, `(B, T, R, R + L)`: to a region from each region, then from each input.

    Args:
        messages: `(B, T, R, R, d)`.
        input_messages: Optional `(B, T, R, L, d)`.
    """
    parts = [np.asarray(messages)] + ([] if input_messages is None else [np.asarray(input_messages)])
    return np.linalg.norm(np.concatenate(parts, 3), axis=-1)
