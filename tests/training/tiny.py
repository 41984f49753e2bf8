"""A tiny LFADS and data for it, shared by the tests of this room."""

from __future__ import annotations

import numpy as np

from indl_vae.data import Dataset
from indl_vae.params import make_params

SIZES = {
    "f_units": [6],
    "f_latent_size": 3,
    "z1_units": 4,
    "con_units": 4,
    "gen_units": 6,
    "n_factors": 3,
    "z_latent_size": 1,
    "jit_compile": False,
    "batch_size": 8,
    "n_epochs": 3,
    "kl_ramp_length": 1,
    "l2_ramp_length": 1,
    "bin_width_s": 0.01,
    "tensorboard": False,  # its pictures take as long as the training
}


def tiny_params(**changes):
    """Parameters of an LFADS that trains in a moment."""
    return make_params("lfads", {**SIZES, **changes})


def tiny_dataset(seed: int = 0) -> Dataset:
    """16 training and 6 validation trials of 9 bins and 5 channels, with their true rates."""
    rng = np.random.default_rng(seed)
    rates = np.exp(np.sin(np.linspace(0, 6, 9))[None, :, None] + rng.normal(size=(22, 1, 5)) * 0.3)
    counts = rng.poisson(rates).astype("float32")
    parts = {"train": slice(0, 16), "valid": slice(16, 22)}
    return Dataset.from_arrays(
        **{name: {"x": counts[rows], "truth": rates[rows].astype("float32")} for name, rows in parts.items()},
        bin_width_s=0.01,
    )
