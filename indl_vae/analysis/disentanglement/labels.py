"""Labels and sequences as they are asked for throughout this folder: checked, and in one shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.errors import DataError


def as_rows(name: str, array: Any, n_axes: int = 2) -> np.ndarray:
    """Returns `array` as float64 `(B, P)`, all axes but the first in one.

    Raises:
        DataError: Fewer axes than `n_axes`, no row, no column, or an entry that is not finite.
    """
    values = np.asarray(array, dtype=np.float64)
    if values.ndim < n_axes or values.size == 0:
        raise DataError(
            f"{name}: expected an array of at least {n_axes} axes, sequences first, none of them empty, got shape "
            f"{values.shape}. Leave the test out for a latent that the model does not have."
        )
    if not np.isfinite(values).all():
        raise DataError(
            f"{name}: expected finite numbers, got {int((~np.isfinite(values)).sum())} entries of NaN or infinity. "
            "Leave out those sequences, or look at the model that made them."
        )
    return values.reshape(len(values), -1)


def as_labels(name: str, labels: Any, n_rows: int | None = None, several: bool = False) -> np.ndarray:
    """Returns `labels` as an array `(B,)`, or `(B, K)` of K attributes where `several` are allowed.

    Raises:
        DataError: Other axes, another number of sequences than `n_rows`, no label, or a label that is NaN.
    """
    values = np.asarray(labels)
    wanted = "(sequences,) or (sequences, attributes)" if several else "(sequences,)"
    if values.ndim not in ((1, 2) if several else (1,)) or values.size == 0:
        raise DataError(
            f"{name}: expected labels of shape {wanted}, got shape {values.shape}. Give one label a sequence"
            + ("." if several else "; call once for each attribute.")
        )
    if n_rows is not None and len(values) != n_rows:
        raise DataError(
            f"{name}: expected the labels of {n_rows} sequences, got {len(values)}. Give the labels of the sequences "
            "at hand, in their order."
        )
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise DataError(f"{name}: expected a label for each sequence, got NaN. Leave out sequences without a label.")
    return values


def shares(hits: np.ndarray) -> float | np.ndarray:
    """Returns the mean over sequences: a number for `(B,)`, an array `(K,)` for `(B, K)`."""
    return float(hits.mean()) if hits.ndim == 1 else hits.mean(axis=0)


def check_same_attributes(name: str, labels: np.ndarray, predicted: np.ndarray) -> None:
    """Raises a `DataError` unless a judge's labels have the shape of the given ones."""
    if labels.shape != predicted.shape:
        raise DataError(
            f"{name}: expected labels of shape {predicted.shape}, as the judge gives them, got {labels.shape}. "
            "Give the judge and the test the same attributes."
        )
