"""A finished or interrupted run, as an object."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

import indl_vae.models  # noqa: F401  registers every class, so that the model loads
from indl_vae.data import Dataset, WormChannels, load_for
from indl_vae.data.sessions import arrange_sessions, join_sessions
from indl_vae.data.worms.fit_to_model import fit_to_model
from indl_vae.errors import ConfigError, RunError
from indl_vae.models.load_saved import load_saved
from indl_vae.params import Params, make_params, read_yaml
from indl_vae.run_folder import RunFolder
from indl_vae.training.checkpoints import BEST, LATEST, MODEL_FILE, Checkpoints
from indl_vae.training.metrics_csv import read_metrics
from indl_vae.training.predict import predict

#: Which index each choice of a checkpoint stands for.
INDICES = {"best": BEST, "latest": LATEST}


class Run:
    """A run folder: its parameters, its best model, its history.

    Args:
        folder: Path of the run.
        data: Data file that stands for the one the run was trained on, where that was moved or is not known.
        checkpoint: "best" for the model of the best epoch, "latest" for that of the last epoch saved.

    Raises:
        RunError: It is no run folder.
        ConfigError: Another checkpoint is asked for.
    """

    def __init__(self, folder: str | Path, data: str | Path | None = None, checkpoint: str = "best") -> None:
        self.files, self._data = RunFolder(folder), data
        if checkpoint not in INDICES:
            raise ConfigError(f"checkpoint: expected one of {', '.join(INDICES)}, got {checkpoint!r}.")
        self.checkpoint = checkpoint
        self.files.check()

    @property
    def folder(self) -> Path:
        """Path of the run."""
        return self.files.path

    @cached_property
    def params(self) -> Params:
        """The parameters of the run."""
        settings = read_yaml(self.files.params)
        return make_params(settings["family"], settings)

    @property
    def model_file(self) -> Path:
        """The file of the model: `best.keras`, or the latest checkpoint's.

        Raises:
            RunError: If the latest is asked for and there is none.
        """
        if self.checkpoint == "best":
            return self.files.best
        newest = Checkpoints(self.files.checkpoints, LATEST).newest()
        if newest is None:
            raise RunError(
                f"{self.files.checkpoints}: holds no latest checkpoint. Ask for the best model (--checkpoint best)."
            )
        return newest / MODEL_FILE

    @property
    def train_step(self) -> int:
        """Optimizer steps behind the model; 0 where that is not known, as of imported weights."""
        entries = Checkpoints(self.files.checkpoints, INDICES[self.checkpoint]).entries()
        if entries:
            return int(entries[-1]["step"])
        return int(self.history[-1]["step"]) if self.history else 0

    @cached_property
    def model(self) -> keras.Model:
        """The best model (`best.keras`), or the latest.

        Raises:
            RunError: If the file is damaged or missing, or its weights are not finite.
        """
        path = self.model_file
        model = load_saved(path)
        bad = [w.path for w in model.weights if not np.all(np.isfinite(w.numpy()))]
        if bad:
            raise RunError(f"{path}: weights that are not finite: {bad[:3]}. The file is damaged or the run diverged.")
        return model

    @property
    def history(self) -> list[dict[str, float]]:
        """The rows of metrics.csv, one an epoch."""
        return read_metrics(self.files.metrics)

    @property
    def data_info(self) -> dict[str, Any]:
        """What data.json says of the data.

        Raises:
            RunError: It is damaged.
        """
        return self.files.data_info()

    def load_dataset(self, path: str | Path | None = None) -> Dataset:
        """Reads the data of the run, or other data, under the run's settings.

        Args:
            path: Data file; the one that the run was trained on by default.

        Raises:
            RunError: If no file is given and none is known.
            DataError: If the file is missing or its data cannot be used.
        """
        dataset = self.fit(self._read(path or self._data))
        places = self.model.spec.sessions
        return arrange_sessions(dataset, places) if len(places) > 1 else dataset

    def fit(self, dataset: Dataset) -> Dataset:
        """Returns data of other worms with the numbers of identities and channels of the model, other data as they are.

        Raises:
            DataError: As `fit_to_model`.
        """
        scalers = self.data_info.get("scalers")
        if dataset.worms is None or not scalers:
            return dataset
        return fit_to_model(dataset, WormChannels.from_dict(scalers), self.model.spec.n_channels)

    def _read(self, path: str | Path | None) -> Dataset:
        sessions = self.data_info.get("sessions")
        if path is None and sessions:
            return join_sessions({name: load_for(self.params, one["source"]) for name, one in sessions.items()})
        source = path or self.data_info.get("source")
        if not source:
            raise RunError(f"{self.files.data}: names no data file; pass the path of one (--data).")
        return load_for(self.params, source)

    def posterior(self, data: Any, samples: int = 50, seed: int = 0, **options: Any) -> dict[str, np.ndarray]:
        """`model.posterior` of the best model."""
        return self.model.posterior(data, samples=samples, seed=seed, **options)

    def predict(
        self, data: Any, samples: int = 50, seed: int = 0, push_mean: bool = False, cut: bool = False
    ) -> dict[str, Any]:
        """Infers rates, factors and inputs of new data.

        Args:
            data: An array of counts `(B, T, N)`; a list of trials `(T_i, N)` of any lengths; a dict with "x" (either of
                these) and any of mask and ext_input; a split; a dataset; or the path of a data file, which need not
                hold more than one split.
            samples, seed, push_mean: As for `model.posterior`.
            cut: Cut what runs over time back to each trial's own length: lists of arrays `(T_i, ...)`.

        Returns:
            Arrays by name: those of `model.posterior`, inds (number of each trial), and lengths where trials differ in
            it. For a dataset or a path: such a dict for each split by name; of a model of several sessions, by name of
            the session and then of the split.

        Raises:
            DataError: If the data cannot be used, or have other channels than the model.
        """
        return predict(self, data, cut=cut, samples=samples, seed=seed, push_mean=push_mean)


def load_run(folder: str | Path, data: str | Path | None = None, checkpoint: str = "best") -> Run:
    """Opens a run folder; arguments as those of `Run`.

    Raises:
        RunError: If it is none.
        ConfigError: Another checkpoint is asked for than "best" or "latest".
    """
    return Run(folder, data, checkpoint)
