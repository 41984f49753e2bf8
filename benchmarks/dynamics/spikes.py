"""The Lorenz system from spike counts: rates beside LFADS's, and the attractor in the states."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import indl_vae
from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.metrics import r2, r2_log_rates
from indl_vae.data import Dataset

_SHARED: dict[str, Any] = {
    "likelihood": "poisson",
    "rec_model": "encoder",
    "z1_units": 64,
    "z_latent_size": 12,
    "n_bases": 10,
    "batch_size": 64,
    "n_epochs": 300,
    "learning_rate": 3e-3,
    "patience": 0,
    "tensorboard": False,
}
VARIANTS = {
    "svae": Variant("dendplrnn", {**_SHARED, "training": "svae", "select_on": "elbo"}),
    "svae_forced": Variant(
        "dendplrnn", {**_SHARED, "training": "svae_forced", "forced_states": 6, "forcing_interval": 10}
    ),
    "lfads": Variant("lfads", {"preset": "fast", "z_latent_size": 0, "n_epochs": 300, "tensorboard": False}),
}


def published(seed: int) -> Dataset:
    """Returns the published Lorenz data, in bins of 10 ms with the truth in Hz; the seed has no effect on them."""
    folder = Path(os.environ["INDL_VAE_DATA"]) / "lfads_lorenz"
    return indl_vae.load_dataset(next(iter(sorted(folder.glob("*.h5")))), bin_width_s=0.01)


def score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    """R2 of true rates and log-rates on the validation trials, from averages over 50 posterior samples."""
    valid = data.valid
    found = run.model.posterior(valid, samples=50, seed=seed)
    rates, truth = found["rates"], valid.truth
    return {"r2_rates": r2(rates, truth), "r2_log_rates": r2_log_rates(rates, truth)}


EXPERIMENT = Experiment(VARIANTS, published, score)
