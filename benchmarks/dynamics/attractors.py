"""Attractors from observations: each way of training on the same system, judged by how it runs by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.dynamics import evaluate_dynamics
from indl_vae.data import Dataset
from indl_vae.data.synthetic import make

#: What all have in common: windows of 200 bins, 30,000 steps, a rate that falls to a hundredth.
_SHARED: dict[str, Any] = {
    "z_latent_size": 22,
    "n_bases": 20,
    "seq_len": 200,
    "batches_per_epoch": 100,
    "batch_size": 16,
    "n_epochs": 300,
    "learning_rate": 5e-3,
    "lr_rule": "exponential",
    "lr_decay_steps": 30_000,
    "lr_stop": 5e-5,
    "hidden_rate": 0.1,
    "tensorboard": False,
}
#: The squared error of the run between corrections, as published.
_FORCED = {**_SHARED, "nll_reduction": "mean", "gaussian_scale": "fixed"}
#: What an encoder of single bins does not see it cannot tell, so nothing is hidden from it.
_SVAE = {**_SHARED, "training": "svae", "select_on": "elbo", "hidden_rate": 0.0}
VARIANTS: dict[str, Variant] = {
    "svae": Variant("dendplrnn", _SVAE),
    "teacher_forcing": Variant("dendplrnn", {**_FORCED, "training": "teacher_forcing", "forcing_interval": 16}),
    "generalized": Variant("dendplrnn", {**_FORCED, "training": "generalized_teacher_forcing", "forcing_alpha": 0.15}),
    "generalized_shallow": Variant(
        "dendplrnn",
        {**_FORCED, "training": "generalized_teacher_forcing", "latent_step": "clipped_shallow", "z_latent_size": 3},
    ),
    "svae_forced": Variant(
        "dendplrnn",
        {
            **_FORCED,
            "gaussian_scale": "per_channel",
            "training": "svae_forced",
            "forced_states": 5,
            "forcing_interval": 16,
            "rec_model": "cnn",
        },
    ),
}


def maker(name: str, **options: Any) -> Callable[..., Dataset]:
    """Returns a function from a seed to a synthetic set."""
    return lambda seed, **more: make(name, seed=seed, **options, **more).dataset()


def score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    """Figures on the test split, the largest exponent per second, and what the log-likelihood of the run was."""
    metrics = ["mse", "klx", "pse", "lyapunov"]
    found = evaluate_dynamics(run.model, data.test, metrics, seed)
    width = data.bin_width_s or 1.0
    return {**found, "lyapunov": found["lyapunov"] / width, "val_nll": run.history[-1]["val_nll"]}


def experiment(name: str, variants: dict[str, Variant] | None = None, **options: Any) -> Experiment:
    """Returns the experiment on a synthetic set."""
    return Experiment(variants or VARIANTS, maker(name, **options), score)
