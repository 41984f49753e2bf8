"""One pass over a loader, in training or in validation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from indl_vae.errors import DataError, TrainingDivergedError
from indl_vae.families.ceneurovae.compat.batches import n_neurons_of, to_batch
from indl_vae.families.ceneurovae.compat.model import NeuroBehaviorVAE

Loader = Iterable[Mapping[str, Any]]


def widest(loader: Loader, name: str) -> int:
    """Returns the largest number of neurons of a loader's batches.

    Raises:
        DataError: The loader has no batch, or can be gone through only once.
    """
    if iter(loader) is loader:
        raise DataError(f"{name}: expected batches for every epoch, got an iterator, which ends once; pass a list.")
    known = getattr(loader, "n_neurons", None)
    sizes = [known] * len(loader) if known else [n_neurons_of(batch) for batch in loader]
    if not sizes:
        raise DataError(f"{name}: expected at least one batch, got none; take a smaller window_T or more animals.")
    return max(sizes)


def run_epoch(model: NeuroBehaviorVAE, loader: Loader, epoch: int, beta: float, training: bool) -> dict[str, float]:
    """Goes through a loader once, by the compiled steps of the wired model.

    Args:
        model: The model, its wired model compiled.
        loader: Of published batches.
        epoch: Its number, for messages.
        beta: Weight of the divergence in the sum.
        training: Whether weights are trained.

    Returns:
        Means over batches, each counted the same, as published: rec, kl, sum, under names that begin with train_ or
        val_.

    Raises:
        TrainingDivergedError: A loss is not a finite number.
    """
    prefix, found = "train" if training else "val", []
    for number, batch in enumerate(loader, 1):
        rec, kl = _step(model, batch, training)
        if not (math.isfinite(rec) and math.isfinite(kl)):
            raise TrainingDivergedError(
                f"epoch {epoch}, {'training' if training else 'validation'} batch {number}: {prefix}_rec is {rec} and "
                f"{prefix}_kl is {kl}, expected finite numbers. Look for NaN under a mask of 1, or lower lr or "
                "grad_clip."
            )
        found.append((rec, kl, rec + beta * kl))
    means = np.mean(found, axis=0)
    return {f"{prefix}_{name}": float(mean) for name, mean in zip(("rec", "kl", "sum"), means, strict=True)}


def _step(model: NeuroBehaviorVAE, batch: Mapping[str, Any], training: bool) -> tuple[float, float]:
    """Returns the reconstruction loss and the divergence of a batch, in published units."""
    wired = model.wired()
    wired.reset_metrics()
    step = wired.train_on_batch if training else wired.test_on_batch
    told = step(to_batch(batch, model.cfg, wired.spec.n_channels), return_dict=True)
    if told.get("skipped_steps"):  # for the sake of a number that is not finite: its metrics are empty
        return math.nan, math.nan
    rec = model.cfg.factor * (float(told["nll"]) - model.nll_at_mode)
    # What rounding leaves of an exact reconstruction is not below 0.
    return rec if not rec < 0 else 0.0, float(told["kl_z"]) + float(told.get("free_bits", 0.0))
