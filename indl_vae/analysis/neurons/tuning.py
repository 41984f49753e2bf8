"""What neurons would do with another behaviour, and what each latent does to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indl_vae.analysis.neurons.by_identity import by_identity
from indl_vae.analysis.neurons.found import BATCH, as_arrays, latents_of, values_of
from indl_vae.errors import ConfigError


def tuning(
    model: Any,
    split: Any,
    behavior: int,
    values: Sequence[float] | np.ndarray,
    identities: Sequence[int] | np.ndarray | None = None,
    batch_size: int = BATCH,
) -> np.ndarray:
    """Returns neurons' expected values while one behaviour is set to each of some values, `(S, M)`.

    Counterfactual: latents and the other behaviours stay as they are in the windows; the mean over all bins is told.

    Args:
        model: A trained model that has `decode`.
        split: Windows: a split, or arrays by key.
        behavior: Which behaviour, from 0.
        values: S values, in the units that the model was trained with.
        identities: M identities; None for 1, 2, ... N.
        batch_size: Windows at once.

    Raises:
        ConfigError: The model has no such behaviour.
    """
    arrays = as_arrays(split)
    _check_behavior(arrays, behavior)
    latents, told = latents_of(model, arrays, batch_size)["loc"], arrays["ext_input"]
    found = []
    for value in np.asarray(values, np.float32):
        changed = told.copy()
        changed[..., behavior] = value
        found.append(_mean(model, arrays, latents, changed, identities, batch_size))
    return np.stack(found)


def observed_tuning(
    split: Any, behavior: int, values: Sequence[float] | np.ndarray, identities: Sequence[int] | np.ndarray
) -> np.ndarray:
    """Returns mean activity of classes in the bins whose behaviour is nearest to each value, `(S, M)`.

    Args:
        split: Windows: a split, or arrays by key.
        behavior: Which behaviour, from 0.
        values: S values; bins beyond half a step outside of them are not counted.
        identities: M identities.

    Returns:
        The means; NaN where a class was never recorded with such a behaviour.

    Raises:
        ConfigError: There is no such behaviour, or values are fewer than 2 or do not rise.
    """
    arrays, edges = as_arrays(split), _edges(values)
    _check_behavior(arrays, behavior)
    chosen = np.asarray(identities, int) - 1
    windows = by_identity(arrays, int(chosen.max()) + 1)
    place = np.digitize(arrays["ext_input"][..., behavior], edges) - 1
    found = np.full((len(edges) - 1, len(chosen)), np.nan)
    for row in range(len(found)):
        here = (place == row)[..., None] & windows.seen[..., chosen]
        n = here.sum((0, 1))
        total = np.where(here, windows.values[..., chosen], 0.0).sum((0, 1), dtype=np.float64)
        found[row] = np.where(n > 0, total / np.maximum(n, 1), np.nan)
    return found


def latent_traversal(
    model: Any,
    split: Any,
    latent: int,
    values: Sequence[float] | np.ndarray = (-2.0, -1.0, 0.0, 1.0, 2.0),
    identities: Sequence[int] | np.ndarray | None = None,
    batch_size: int = BATCH,
) -> np.ndarray:
    """Returns neurons' expected values while one latent is set to each of some values, `(S, M)`.

    The other latents and the behaviour stay as they are in the windows; the mean over all bins is told.

    Args:
        model: A trained model that has `decode`.
        split: Windows: a split, or arrays by key.
        latent: Which latent, from 0.
        values: S values in deviations of the latent from its mean over the windows' bins.
        identities: M identities; None for 1, 2, ... N.
        batch_size: Windows at once.

    Raises:
        ConfigError: The model has no such latent.
    """
    arrays = as_arrays(split)
    latents = latents_of(model, arrays, batch_size)["loc"]
    if not 0 <= latent < latents.shape[-1]:
        raise ConfigError(f"latent: expected a number from 0 to {latents.shape[-1] - 1}, got {latent}.")
    mean, deviation = latents[..., latent].mean(), latents[..., latent].std()
    found = []
    for value in values:
        changed = latents.copy()
        changed[..., latent] = mean + value * deviation
        found.append(_mean(model, arrays, changed, arrays.get("ext_input"), identities, batch_size))
    return np.stack(found)


def _mean(model: Any, arrays: Any, latents: np.ndarray, told: Any, identities: Any, batch_size: int) -> np.ndarray:
    """Returns the mean over the bins of the windows, without those that are padding, `(M,)`."""
    decoded = values_of(model, latents, told, identities, batch_size)
    inside = np.ones(decoded.shape[:2], bool) if "mask" not in arrays else (arrays["mask"] > 0).any(-1)
    return decoded[inside].mean(0, dtype=np.float64)


def _check_behavior(arrays: Any, behavior: int) -> None:
    width = arrays["ext_input"].shape[-1] if "ext_input" in arrays else 0
    if not 0 <= behavior < width:
        raise ConfigError(
            f"behavior: expected a number from 0 to {width - 1}, got {behavior}; the windows have {width} behaviours "
            "(ext_input)."
        )


def _edges(values: Any) -> np.ndarray:
    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) < 2 or (np.diff(values) <= 0).any():
        raise ConfigError(f"values: expected at least 2 rising numbers, got {values.tolist()}.")
    middle = 0.5 * (values[1:] + values[:-1])
    return np.concatenate([[values[0] - (middle[0] - values[0])], middle, [values[-1] + (values[-1] - middle[-1])]])
