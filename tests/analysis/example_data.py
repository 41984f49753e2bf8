"""Small data sets for the tests of the analysis room."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.split import Split


def make_split(
    name: str = "valid", n_trials: int = 12, n_bins: int = 20, n_channels: int = 6, seed: int = 0, **fields
) -> Split:
    """Returns Poisson counts of channels that share one oscillation, whose phase is that of the trial's condition."""
    rng = np.random.default_rng(seed)
    condition = np.arange(n_trials) % 2
    time = np.arange(n_bins) / max(n_bins, 1)
    state = np.stack([np.sin(2 * np.pi * (time + 0.5 * c)) for c in condition])
    gain = np.linspace(-1.5, 1.5, n_channels)
    truth = 0.5 * np.exp(state[:, :, None] * gain)
    values = {"truth": truth.astype(np.float32), "condition": condition, "extras": {"latent": state[:, :, None]}}
    return Split(name, rng.poisson(truth).astype(np.float32), **(values | fields))


def make_dataset(**fields) -> Dataset:
    """Returns a data set with 40 training and 60 validation trials."""
    train = make_split("train", 40, seed=1, **fields)
    return Dataset(train, make_split("valid", 60, seed=2, **fields), bin_width_s=0.01)


class FakeModel:
    """Infers what it is told to, and remembers what it was shown."""

    def __init__(self, infer, **params) -> None:
        self.params = params
        self.infer = infer
        self.shown: dict[str, Split] = {}

    def posterior(self, split, samples=50, seed=0):
        self.shown[split.name] = split
        rates = np.asarray(self.infer(split), dtype=np.float32)
        return {"rates": rates, "factors": rates[..., :3], "controller_outputs": np.zeros((*rates.shape[:2], 0))}


def make_run(folder, model: FakeModel, dataset: Dataset, history=()):
    """Returns an object with what `report_run` asks of a run."""
    return SimpleNamespace(
        params=model.params, model=model, history=list(history), folder=folder, load_dataset=lambda: dataset
    )
