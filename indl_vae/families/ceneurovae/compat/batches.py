"""From published batches, time last, to those of this library, time first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from indl_vae.errors import DataError
from indl_vae.families.ceneurovae.compat.config import VAEConfig


def n_neurons_of(batch: Mapping[str, Any]) -> int:
    """Returns the number of neurons N of a batch.

    Raises:
        DataError: There is no X of three axes.
    """
    shape = np.shape(batch.get("X")) if isinstance(batch, Mapping) else ()
    if len(shape) != 3:
        found = sorted(batch) if isinstance(batch, Mapping) else type(batch).__name__
        raise DataError(
            f"batch: expected a dict with X (batch, neurons, frames), got {found} with X of shape {shape}; "
            "build_loaders makes such batches."
        )
    return shape[1]


def to_batch(batch: Mapping[str, Any], cfg: VAEConfig, width: int) -> dict[str, np.ndarray]:
    """Returns x, mask, identity and ext_input of a batch, with neurons of mask 0 up to a width.

    Args:
        batch: X `(B, N, T)`, I `(B, N)`, Bx `(B, Tb, T)`, and M `(B, N, T)` or nothing for all observed.
        cfg: Says how many behaviours and identities there are.
        width: Number of neurons wanted, at least N.

    Raises:
        DataError: An array is missing or does not fit to the others, or an identity is not one of the model's.
    """
    n_neurons_of(batch)
    x = np.asarray(batch["X"], np.float32)
    b, n, t = x.shape
    behavior = _fitting(batch, "Bx", (b, cfg.behavior_dim, t), "(batch, behaviours, frames)")
    identity = _fitting(batch, "I", (b, n), "(batch, neurons)")
    mask = np.ones_like(x) if batch.get("M") is None else _fitting(batch, "M", x.shape, "(batch, neurons, frames)")
    if identity.size and not 0 <= identity.min() <= identity.max() < cfg.n_identities:
        raise DataError(
            f"I: expected identities from 0 to {cfg.n_identities - 1}, got {identity.min():g} to {identity.max():g}. "
            "Set n_identities of VAEConfig to the number of labels and one more."
        )
    more = [(0, 0), (0, 0), (0, width - n)]
    return {
        "x": np.pad(x.transpose(0, 2, 1), more),
        "mask": np.pad(mask.transpose(0, 2, 1), more),
        "identity": np.pad(identity, more[1:]),
        "ext_input": np.ascontiguousarray(behavior.transpose(0, 2, 1)),
    }


def _fitting(batch: Mapping[str, Any], key: str, shape: tuple[int, ...], axes: str) -> np.ndarray:
    if batch.get(key) is None:
        raise DataError(f"{key}: missing in the batch, expected {axes} = {shape} to go with X.")
    found = np.asarray(batch[key], np.float32)
    if found.shape != shape:
        raise DataError(f"{key}: expected {axes} = {shape} to go with X, got {found.shape}; is time the last axis?")
    return found
