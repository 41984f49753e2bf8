"""A recording of brain regions, each an identity: a region that is left out, from the others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.neurons import imputation_scores
from indl_vae.data import Dataset

_BINS, _STRIDE, _N_VALID, _N_TEST = 25, 2, 2, 2
#: Columns that are no regions: white matter, ventricles, the whole brain.
_NOT_REGIONS = 3
_SHARED: dict[str, Any] = {
    "z_latent_size": 8,
    "identity_size": 28,
    "neuron_units": 16,
    "neuron_dropout_rate": 0.5,
    "backbone": "none",
    "decoder_hidden": 0,
    "z_prior_process": "tiled",
    "z_prior_init_std": 1.0,
    "z_prior_train_var": False,
    "z_prior_train_tau": False,
    "batch_size": 13,
    "n_epochs": 300,
    "learning_rate": 1e-2,
    "lr_rule": "cosine",
    "lr_decay_steps": 600,
    "lr_stop": 3e-5,
    "weight_decay": 0.3,
    "kl_ramp_length": 5,
    "kl_z_weight": 0.3,
    "select_on": "hidden",
    "hidden_rate": 0.2,
    "tensorboard": False,
}
_LAYERS: dict[str, Any] = {"model_size": 16, "n_layers": 1, "n_heads": 2, "layer_dropout": 0.0, "decoder_hidden": 8}


def fmri(seed: int) -> Dataset:
    """Returns 10 windows of 25 bins of 28 brain regions, divided by the seed: 6, 2 and 2.

    Regions have mean 0 and deviation 1 in the training windows; training windows overlap where they border on others.

    Args:
        seed: Of the division.
    """
    path = Path(os.environ["INDL_VAE_DATA"]) / "fmri_roi" / "fmri_timeseries.csv"
    values = np.loadtxt(path, delimiter=",", skiprows=1)[:, _NOT_REGIONS:]
    windows = values[: len(values) // _BINS * _BINS].reshape(-1, _BINS, values.shape[1])
    order = np.random.default_rng(seed).permutation(len(windows))
    test, valid, train = np.split(order, [_N_TEST, _N_TEST + _N_VALID])
    mean, deviation = windows[train].mean((0, 1)), windows[train].std((0, 1))
    scaled = ((windows - mean) / deviation).astype(np.float32)
    parts = {"train": np.sort(train), "valid": np.sort(valid), "test": np.sort(test)}
    identity = np.arange(1, windows.shape[2] + 1)
    arrays = {
        name: {"x": scaled[rows], "identity": np.tile(identity, (len(rows), 1)), "inds": rows}
        for name, rows in parts.items()
    }
    starts = _starts(np.sort(train))
    whole = scaled.reshape(-1, scaled.shape[2])
    arrays["train"] = {
        "x": np.stack([whole[start : start + _BINS] for start in starts]),
        "identity": np.tile(identity, (len(starts), 1)),
        "inds": starts,
    }
    return Dataset.from_arrays(**arrays, likelihood="gaussian")


def _starts(rows: np.ndarray) -> np.ndarray:
    """Returns the first bins of overlapping windows that lie in windows of these numbers, with all of their bins."""
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    starts = [[*range(run[0] * _BINS, run[-1] * _BINS, _STRIDE), run[-1] * _BINS] for run in runs]
    return np.concatenate(starts)


def score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    """R2 of each region of the test windows while it alone is left out."""
    regions = [[region] for region in range(1, data.train.n_channels + 1)]
    found = imputation_scores(run.model, data.test, regions, train=data.train, valid=data.valid, seed=seed)
    return {
        "r2": found.mean,
        "median_r2": {name: float(np.nanmedian(r2)) for name, r2 in found.r2.items()},
        "region_r2": dict(found.r2),
    }


FMRI = Experiment(
    {
        "default": Variant("ceneurovae", _SHARED),
        "attention": Variant("ceneurovae", {**_SHARED, **_LAYERS, "backbone": "transformer"}),
        "bins_alone": Variant("ceneurovae", {**_SHARED, **_LAYERS, "backbone": "conv", "kernel_size": 1}),
        "nothing_hidden": Variant("ceneurovae", {**_SHARED, "neuron_dropout_rate": 0.0}),
    },
    fmri,
    score,
)
