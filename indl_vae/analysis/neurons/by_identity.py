"""Windows laid out by identity instead of by channel, and scores of each identity. NumPy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from indl_vae.analysis.neurons.found import identity_of, mask_of
from indl_vae.errors import ConfigError


class ByIdentity(NamedTuple):
    """Windows in which column c is identity c + 1.

    Attributes:
        values: `(B, T, C)`: 0 where not seen.
        seen: `(B, T, C)` bool.
        behavior: `(B, T, U)`, U = 0 where there is none.
    """

    values: np.ndarray
    seen: np.ndarray
    behavior: np.ndarray

    @property
    def recorded(self) -> np.ndarray:
        """`(B, C)` bool: identities of which a window has anything."""
        return np.asarray(self.seen.any(1))


def by_identity(arrays: Mapping[str, np.ndarray], n_classes: int) -> ByIdentity:
    """Returns windows by identity; neurons that are not identified (0) are left out.

    Args:
        arrays: x `(B, T, N)`, and mask, identity, ext_input where there are.
        n_classes: Identities C; higher ones are left out.
    """
    x, mask, identity = arrays["x"], mask_of(arrays), identity_of(arrays)
    values = np.zeros((*x.shape[:2], n_classes), np.float32)
    seen = np.zeros(values.shape, bool)
    for row, names in enumerate(identity):
        kept = np.flatnonzero((names > 0) & (names <= n_classes) & mask[row].any(0))
        values[row][:, names[kept] - 1] = np.where(mask[row], x[row], 0.0)[:, kept]
        seen[row][:, names[kept] - 1] = mask[row][:, kept]
    behavior = arrays.get("ext_input", np.zeros((*x.shape[:2], 0), np.float32))
    return ByIdentity(values, seen, behavior)


def class_r2(values: np.ndarray, prediction: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Returns R2 of each class `(C,)` over all its entries, around its own mean; NaN for one without any variance.

    Args:
        values: `(B, T, C)`.
        prediction: `(B, T, C)`; NaN where nothing is predicted, which is not counted.
        seen: `(B, T, C)` bool, True where there are data.
    """
    counted = seen & np.isfinite(prediction)
    y = np.where(counted, values, 0.0).astype(np.float64)
    n = np.maximum(counted.sum((0, 1)), 1)
    center = y.sum((0, 1)) / n
    total = np.where(counted, (y - center) ** 2, 0.0).sum((0, 1))
    error = np.where(counted, (y - np.where(counted, prediction, 0.0)) ** 2, 0.0).sum((0, 1))
    return np.where(total > 0, 1.0 - error / np.where(total > 0, total, 1.0), np.nan)


def identity_groups(
    identities: Sequence[int] | np.ndarray, hidden: int | Sequence[Sequence[int]], seed: int = 0
) -> list[np.ndarray]:
    """Returns groups of identities, of which one at a time is hidden.

    Args:
        identities: Those that there are.
        hidden: Number of groups that they are drawn into, as many as there are identities at most; or the groups.
        seed: Of the draw.

    Raises:
        ConfigError: A number is out of range, or an identity is not one of those that there are.
    """
    there = np.unique(np.asarray(identities, np.int64))
    if isinstance(hidden, (int, np.integer)):
        if not 1 < hidden <= len(there):
            raise ConfigError(
                f"hidden: expected 2 to {len(there)} groups of the {len(there)} identities of the data, got {hidden}; "
                "with one group all neurons would be hidden."
            )
        order = np.random.default_rng(seed).permutation(there)
        return [np.sort(order[first::hidden]) for first in range(hidden)]
    groups = [np.atleast_1d(np.asarray(group, np.int64)) for group in hidden]
    unknown = np.setdiff1d(np.concatenate(groups), there) if groups else there
    if len(unknown) or any(not len(group) for group in groups):
        raise ConfigError(
            f"hidden: expected groups of identities that are in the data, such as [[{there[0]}]], got {unknown[:5]} "
            "or an empty group."
        )
    return groups
