"""Made worms: hidden neurons of unseen animals, and the true shared signals."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.neuron_page import evaluate_neurons
from indl_vae.data import Dataset
from indl_vae.data.synthetic.worm_truth import with_latents
from indl_vae.data.synthetic.worms import make_worms
from indl_vae.data.worms import worm_dataset

#: Sizes for a machine without a GPU.
_SHARED: dict[str, Any] = {
    "z_latent_size": 24,
    "identity_size": 32,
    "neuron_units": 64,
    "model_size": 64,
    "n_layers": 2,
    "decoder_hidden": 64,
    "layer_dropout": 0.0,
    "n_epochs": 50,
    "kl_ramp_length": 5,
    "learning_rate": 4e-3,
    "lr_rule": "cosine",
    "lr_decay_steps": 2200,
    "lr_stop": 1e-5,
    "tensorboard": False,
}
_TILED: dict[str, Any] = {
    "z_prior_process": "tiled",
    "z_prior_init_std": 1.0,
    "z_prior_train_var": False,
    "z_prior_train_tau": False,
}


def make_data(seed: int, **options: Any) -> Dataset:
    """Returns windows of 40 made animals, divided by the seed, that hold their hidden signals as latent.

    Args:
        seed: Of the worms and of the division.
        options: window_T (200) and stride (100); the rest goes to `make_worms`.
    """
    window, stride = options.pop("window_T", 200), options.pop("stride", 100)
    made = make_worms(seed, **options)
    data = worm_dataset(made.worms, window, stride, test_frac=0.2, seed=seed, bin_width_s=0.6)
    return with_latents(data, made)


def score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    """R2 of hidden neurons of test animals, mean and class by class, and correlations with the true signals."""
    found = evaluate_neurons(run.model, data, "test", hidden=variant.data.get("hidden", 5), seed=seed)
    mean = found.imputation.mean
    return {
        "r2": mean,
        "lost_by_permuting": mean["model"] - mean["permuted"],
        "gain_over_ridge": mean["model"] - mean["ridge_both"],
        "better_classes": float(np.mean(found.imputation.r2["model"] > found.imputation.r2["ridge_both"])),
        "cca": found.correlations,
        "active_units": found.active,
        "classes": found.imputation.identities,
        "class_r2": dict(found.imputation.r2),
    }


WORMS = Experiment(
    {
        "default": Variant("ceneurovae", _SHARED),
        "attention": Variant("ceneurovae", {**_SHARED, "identity_mixing": "sum", "neuron_pooling": "attention"}),
        "value_only": Variant("ceneurovae", {**_SHARED, "encoder_identity": False}),
        "nothing_hidden": Variant("ceneurovae", {**_SHARED, "neuron_dropout_rate": 0.0}),
        "gru": Variant("ceneurovae", {**_SHARED, "backbone": "gru"}),
        "conv": Variant("ceneurovae", {**_SHARED, "backbone": "conv"}),
        "film": Variant("ceneurovae", {**_SHARED, "conditioning": "film"}),
        "bound": Variant("ceneurovae", {**_SHARED, "kl_z_weight": 1.0}),
        "tiled": Variant("ceneurovae", {**_SHARED, **_TILED}),
        "networks": Variant("ceneurovae", {**_SHARED, "identity_mixing": "sum"}),
        "free_bits": Variant("ceneurovae", {**_SHARED, "free_bits": 0.2}),
        "published": Variant("ceneurovae", {**_SHARED, "preset": "parity"}),
    },
    make_data,
    score,
)
