"""What a model of neurons finds and tells of windows, a few at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

#: Windows that are decoded at once: the decoder's hidden layer is as wide as windows x bins x neurons x units.
BATCH = 16


def as_arrays(data: Any) -> dict[str, np.ndarray]:
    """Returns the arrays of windows by key: x, and those of mask, ext_input and identity that there are.

    Args:
        data: A split, or a mapping of arrays.
    """
    given = data.batch() if hasattr(data, "batch") else data
    if not isinstance(given, Mapping):
        given = {"x": given}
    kept = ("x", "mask", "visible", "ext_input", "identity")
    return {key: np.asarray(given[key]) for key in kept if given.get(key) is not None}


def mask_of(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns `(B, T, N)` bool, True where there are data."""
    return np.ones(arrays["x"].shape, bool) if "mask" not in arrays else arrays["mask"] > 0


def identity_of(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns `(B, N)` int64: the identities of the channels, 1, 2, ... N where none are given."""
    n_trials, _, n_channels = arrays["x"].shape
    if "identity" in arrays:
        return arrays["identity"].astype(np.int64)
    return np.broadcast_to(np.arange(1, n_channels + 1), (n_trials, n_channels))


def latents_of(model: Any, data: Any, batch_size: int = BATCH) -> dict[str, np.ndarray]:
    """Returns what the model finds of windows without drawing.

    Args:
        model: A trained model that has `impute`.
        data: A split, or arrays by key; visible `(B, T, N)` is 0 where the encoder is not shown what is recorded.
        batch_size: Windows at once.

    Returns:
        loc, scale: `(B, T, L)`, mean and deviation of the latents; a latent of the whole window is repeated. kl:
        `(B, L)`, nats a bin, or of a latent of the whole window a window. rates: `(B, T, N)`, expected values.
    """
    # not model.posterior, which knows nothing of neurons that are hidden from the encoder
    arrays, parts = as_arrays(data), []
    for first in range(0, len(arrays["x"]), batch_size):
        outputs = model.all_outputs({key: array[first : first + batch_size] for key, array in arrays.items()})
        parts.append([np.asarray(outputs[key]) for key in ("factors", "z_scale", "kl_per_latent", "rates")])
    loc, scale, kl, rates = map(np.concatenate, zip(*parts, strict=True))
    if scale.ndim == 2:
        scale = np.broadcast_to(scale[:, None], loc.shape)
    return {"loc": loc, "scale": scale, "kl": kl, "rates": rates}


def values_of(
    model: Any, latents: np.ndarray, behavior: Any = None, identity: Any = None, batch_size: int = BATCH
) -> np.ndarray:
    """Returns neurons' expected values `(B, T, M)`, decoded a few windows at a time.

    Args:
        model: A trained model that has `decode`.
        latents: `(B, T, L)`.
        behavior: `(B, T, U)`, for a model with one.
        identity: `(M,)` or `(B, M)`; None for 1, 2, ... N.
        batch_size: Windows at once.
    """
    parts = []
    for first in range(0, len(latents), batch_size):
        rows = slice(first, first + batch_size)
        asked = identity[rows] if np.ndim(identity) == 2 else identity
        parts.append(model.decode(latents[rows], None if behavior is None else behavior[rows], asked))
    return np.concatenate(parts)


def identity_vectors(model: Any) -> np.ndarray:
    """Returns the vectors of all identities, `(n_identities, E)`, the first that of neurons that are not identified."""
    return np.asarray(model.core.get_layer("identities").table)
