"""FHVAE on segments of sequences: does f, averaged, know the mean of its sequence, and z the state of its segment?"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.decoding import decode_ridge
from indl_vae.analysis.disentanglement import equal_error_rate
from indl_vae.data import Dataset
from indl_vae.data.synthetic import make

_SIZES: dict[str, Any] = {
    "f_latent_size": 8,
    "z_latent_size": 8,
    "segment_length": 20,
    "batch_size": 64,
    "learning_rate": 2e-3,
    "kl_ramp_length": 10,
    "n_epochs": 150,
    "patience": 0,
}


def _score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    """Linear maps are fitted on training trials and scored on sequences that the model never saw."""
    model, figures = run.model, {}
    truth = {split.name: split.extras["latent"][:, 0] for split in (data.train, data.test)}
    codes = {split.name: model.posterior(split, push_mean=True) for split in (data.train, data.test)}
    for code in ("f_loc", "z_loc"):
        one = {name: outputs[code][:, 0] for name, outputs in codes.items()}
        for target, columns in {"mean": slice(0, 4), "state": slice(4, 8)}.items():
            figures[f"{code[0]}_{target}_r2"] = _r2(
                one["train"], truth["train"][:, columns], one["test"], truth["test"][:, columns]
            )
        figures[f"{code[0]}_eer"] = equal_error_rate(one["test"], data.test.extras["sequence_id"])
    figures["sequence_mean_r2"] = _of_means(model, data)
    rates = np.log(model.posterior(data.test, samples=20)["rates"])
    true = np.log(data.test.truth)
    figures["r2_log_rates"] = 1.0 - np.sum((rates - true) ** 2) / np.sum((true - true.mean()) ** 2)
    return figures


def _of_means(model: Any, data: Dataset) -> float:
    pairs = []
    for split in (data.train, data.test):
        ids, means = model.sequence_means(split)
        sequence = split.extras["sequence_id"]
        pairs += [means, np.stack([split.extras["latent"][sequence == one][0, 0, :4] for one in ids])]
    return _r2(*pairs)


def _r2(*arrays: np.ndarray) -> float:
    """Returns R2 on test rows `(B, L)` of a linear map fitted on training rows: codes, truth, codes, truth."""
    return float(decode_ridge(*arrays).r2)


def _make(seed: int, **options: Any) -> Dataset:
    return make("slow-sessions", seed=seed, **options).dataset()


EXPERIMENT = Experiment(
    {
        "lstm": Variant("fhvae_lstm", _SIZES),
        "simple": Variant("fhvae_simple", _SIZES),
        "many_sequences": Variant("fhvae_simple", {**_SIZES, "n_epochs": 40}, {"n_sequences": 400}),
    },
    _make,
    _score,
)
