"""Recordings: held-out channels by models of regions, by models of one region, and by regression."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.regions import co_smoothing, regression_baseline
from indl_vae.data import Dataset, dataset_of_regions

#: Channels of V1 neurons of both of the recording's groups, and of V2.
_V1V2 = (79, 31, 31)
#: Regions of the recording in networks; those of both sides are in one.
NETWORKS: dict[str, tuple[str, ...]] = {
    "subcortical": ("Cau", "Put", "Thal"),
    "medial temporal": ("Hip", "PostPHG", "APHG", "AntPHG", "Amy"),
    "default mode": ("Ang", "PCC", "Prec", "MTG"),
    "frontal and salience": ("Fpol", "SupraM", "ParaCing"),
}
_BINS = 25
_SHARED: dict[str, Any] = {
    "tensorboard": False,
    "learning_rate": 3e-3,
    "lr_rule": "cosine",
    "lr_stop": 3e-5,
    "patience": 15,
    "select_on": "heldout_channels",
    "inference": "mean_field",
    "channel_dropout_rate": 0.3,
    "n_states": 1,
}


def v1v2(seed: int) -> Dataset:
    """Returns 200 trials of 10 bins of V1 (two groups) and V2, divided by the seed, channels with deviation 1."""
    file = np.load(_folder() / "v1v2" / "v1v2.npz")
    trials = np.concatenate([file[name] for name in ("v1_source", "v1_target", "v2_target")], -1)
    return _scaled(dataset_of_regions(trials, None, _V1V2, test_perc=0.2, valid_perc=0.2, seed=seed))


def fmri(seed: int) -> Dataset:
    """Returns 10 windows of 25 bins of 28 brain regions in 4 networks, divided by the seed: 6, 2 and 2."""
    path = _folder() / "fmri_roi" / "fmri_timeseries.csv"
    names = [name.strip('"') for name in path.read_text().splitlines()[0].split(",")]
    values = np.loadtxt(path, delimiter=",", skiprows=1)
    columns = [[names.index(n) for n in names[3:] if _name(n) in members] for members in NETWORKS.values()]
    windows = values[:, sum(columns, [])].reshape(-1, _BINS, sum(map(len, columns)))
    sizes = tuple(map(len, columns))
    return _scaled(dataset_of_regions(windows, None, sizes, test_perc=0.2, valid_perc=0.2, seed=seed))


def _name(column: str) -> str:
    return column[1:] if column[0] in "LR" else column


def score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    """Pooled R2 of held-out channels on validation and test trials, of the model and of regression."""
    splits = {"valid": data.valid, "test": data.test}
    found = {name: co_smoothing(run.model, split, samples=50) for name, split in splits.items()}
    beside = regression_baseline(data.train, data.valid, found["test"].channels)
    return {
        "valid_r2": found["valid"].pooled_r2,
        "test_r2": found["test"].pooled_r2,
        "regression_valid_r2": beside.valid_r2,
        "regression_test_r2": beside.co_smoothing(data.test).pooled_r2,
        "regression": {"rank": beside.fit.rank, "alpha": beside.fit.alpha, "lags": beside.lags},
    }


def _variants(sizes: tuple[int, ...], shared: dict[str, Any], widths: tuple[int, ...]) -> dict[str, Variant]:
    """Returns models of regions and of one region that has as many latents as all of them, by width."""
    made = {}
    for width in widths:
        many = {**shared, "region_latents": width}
        one = {**many, "region_sizes": (sum(sizes),), "region_latents": width * len(sizes)}
        made |= {f"regions_{width}": Variant("mrsds", many), f"single_{width}": Variant("mrsds", one)}
    return made


def _scaled(data: Dataset) -> Dataset:
    """Returns data whose channels have mean 0 and deviation 1 in the training trials."""
    rows = data.train.x.reshape(-1, data.train.n_channels)
    mean, deviation = rows.mean(0), rows.std(0)
    scaled = lambda split: replace(split, x=((split.x - mean) / deviation).astype(np.float32))  # noqa: E731
    return replace(data, train=scaled(data.train), valid=scaled(data.valid), test=scaled(data.test))


def _folder() -> Path:
    return Path(os.environ["INDL_VAE_DATA"])


V1V2 = Experiment(
    _variants(
        _V1V2,
        {
            **_SHARED,
            "n_epochs": 200,
            "batch_size": 40,
            "lr_decay_steps": 600,
            "heldout_channels": "4::5",
        },
        (4, 8),
    ),
    v1v2,
    score,
)
FMRI = Experiment(
    _variants(
        (6, 8, 8, 6),
        {
            **_SHARED,
            "sequence_encoder": "none",  # 150 bins are too few for more
            "embedding_units": (),
            "n_epochs": 500,
            "batch_size": 2,
            "lr_decay_steps": 1500,
            "patience": 100,
            "heldout_channels": "3::4",
        },
        (2, 4),
    ),
    fmri,
    score,
)
