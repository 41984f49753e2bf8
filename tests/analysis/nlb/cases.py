"""A small submission with the target that its rates were drawn for."""

from __future__ import annotations

import numpy as np

from indl_vae.analysis.held_out import HeldOut
from indl_vae.data.dataset import Dataset
from indl_vae.data.split import Split

HELD_OUT = HeldOut((1, 4), 3)


def make_dataset(seed: int = 0, n_bins: int = 12, **counts: int) -> Dataset:
    """Returns Poisson counts of 6 channels with truth and behaviour; trial numbers are a permutation over the splits."""
    rng = np.random.default_rng(seed)
    sizes = {"train": 10, "valid": 5, "test": 4} | counts
    numbers = {"test": np.arange(sizes["test"])}
    order = rng.permutation(sizes["train"] + sizes["valid"])
    numbers["train"], numbers["valid"] = order[: sizes["train"]], order[sizes["train"] :]
    splits = {}
    for name, size in sizes.items():
        truth = rng.gamma(2.0, 0.5, (size, n_bins, 6)).astype(np.float32)
        behavior = truth @ np.array([[1.0, 0.0], [0.5, 1.0], [0, 2], [1, 1], [0, 0], [-1, 0]], np.float32)
        x = rng.poisson(truth).astype(np.float32)
        splits[name] = Split(name, x, truth=truth, behavior=behavior, inds=numbers[name])
    return Dataset(**splits, bin_width_s=0.02)


def truth_of(dataset: Dataset) -> dict[str, np.ndarray]:
    """Returns the true rates by split."""
    return {name: split.truth for name, split in dataset.splits.items()}
