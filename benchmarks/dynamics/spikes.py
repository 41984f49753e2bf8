"""The Lorenz system from spike counts: rates beside LFADS's, and the attractor in the states."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import indl_vae
from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.dynamics import state_space_divergence
from indl_vae.analysis.linear_recovery import linear_recovery
from indl_vae.analysis.metrics import r2, r2_log_rates
from indl_vae.analysis.ridge import ridge_path
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
    """Figures of the validation trials, from averages over 50 posterior samples.

    "r2_latent" is that of the true state from the factors by a linear map; "klx_latent", the divergence of free runs,
    which the same map takes into the space of the true states, and "klx_trials" that of the trials themselves.
    """
    valid = data.valid
    found = run.model.posterior(valid, samples=50, seed=seed)
    rates, truth, latent = found["rates"], valid.truth, valid.extras["latent"]
    recovered = linear_recovery(found["factors"], latent)
    scores = {"r2_rates": r2(rates, truth), "r2_log_rates": r2_log_rates(rates, truth), "r2_latent": recovered.r2}
    if not hasattr(run.model, "free_run"):
        return scores
    n_trials, n_bins = latent.shape[:2]
    free = run.model.free_run(n_bins, n=n_trials, start=run.model.states(valid)[:, -1])["factors"]
    to_latent = ridge_path(found["factors"], latent, (1e-6,))[0].predict
    center, spread = latent.mean((0, 1)), latent.std((0, 1))
    true, trials, runs = ((one - center) / spread for one in (latent, recovered.prediction, to_latent(free)))
    divergence = {name: state_space_divergence(true, one) for name, one in (("trials", trials), ("latent", runs))}
    return {**scores, **{f"klx_{name}": value for name, value in divergence.items()}}


EXPERIMENT = Experiment(VARIANTS, published, score)
