"""Neurons of windows as a model tells them when each is hidden in its turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indl_vae.analysis.neurons.by_identity import identity_groups
from indl_vae.analysis.neurons.found import BATCH, as_arrays, identity_of, latents_of, mask_of
from indl_vae.analysis.neurons.imputation import hide


def hidden_values(
    model: Any, split: Any, hidden: int | Sequence[Sequence[int]] = 5, seed: int = 0, batch_size: int = BATCH
) -> np.ndarray:
    """Returns expected values of each window's neurons by an encoder that is not shown them, `(B, T, N)`.

    NaN for neurons that are not recorded, not identified, or in no group.

    Args:
        model: A trained model that has `impute`.
        split: Windows: a split, or arrays by key.
        hidden: Number of groups, hidden one at a time; or groups of identities.
        seed: Of the groups.
        batch_size: Windows at once.

    Raises:
        ConfigError: As `identity_groups`.
    """
    arrays = as_arrays(split)
    identity, recorded = identity_of(arrays), mask_of(arrays).any(1)
    found = np.full(arrays["x"].shape, np.nan)
    for group in identity_groups(identity[recorded & (identity > 0)], hidden, seed):
        rates = latents_of(model, hide(arrays, group), batch_size)["rates"]
        told = (np.isin(identity, group) & recorded)[:, None]
        found = np.where(told, rates, found)
    return found
