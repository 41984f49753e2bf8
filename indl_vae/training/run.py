"""A finished or interrupted run, as an object."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

import indl_vae.models  # noqa: F401  registers every class, so that the model loads
from indl_vae.data import Dataset, load_for
from indl_vae.errors import RunError
from indl_vae.params import Params, make_params, read_yaml
from indl_vae.run_folder import RunFolder
from indl_vae.training.metrics_csv import read_metrics


class Run:
    """A run folder: its parameters, its best model, its history.

    Args:
        folder: Path of the run.
        data: Data file that stands for the one the run was trained on, where that was moved or is not known.
    """

    def __init__(self, folder: str | Path, data: str | Path | None = None) -> None:
        self.files, self._data = RunFolder(folder), data
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

    @cached_property
    def model(self) -> keras.Model:
        """The best model (`best.keras`).

        Raises:
            RunError: If the file is damaged, or its weights are not finite.
        """
        try:
            model = keras.models.load_model(self.files.best)
        except (OSError, ValueError, KeyError) as error:
            raise RunError(
                f"{self.files.best}: cannot be read as a saved model ({error}). Train again, or copy it anew."
            ) from error
        bad = [w.path for w in model.weights if not np.all(np.isfinite(w.numpy()))]
        if bad:
            raise RunError(
                f"{self.files.best}: weights that are not finite: {bad[:3]}. The file is damaged or the run diverged."
            )
        return model

    @property
    def history(self) -> list[dict[str, float]]:
        """The rows of metrics.csv, one an epoch."""
        return read_metrics(self.files.metrics)

    @property
    def data_info(self) -> dict[str, Any]:
        """What data.json says of the data."""
        return json.loads(self.files.data.read_text()) if self.files.data.exists() else {}

    def load_dataset(self, path: str | Path | None = None) -> Dataset:
        """Reads the data of the run, or other data, under the run's settings.

        Args:
            path: Data file; the one that the run was trained on by default.

        Raises:
            RunError: If no file is given and none is known.
            DataError: If the file is missing or its data cannot be used.
        """
        source = path or self._data or self.data_info.get("source")
        if not source:
            raise RunError(f"{self.files.data}: names no data file; pass the path of one (--data).")
        return load_for(self.params, source)

    def posterior(self, data: Any, samples: int = 50, seed: int = 0, **options: Any) -> dict[str, np.ndarray]:
        """`model.posterior` of the best model."""
        return self.model.posterior(data, samples=samples, seed=seed, **options)


def load_run(folder: str | Path, data: str | Path | None = None) -> Run:
    """Opens a run folder; arguments as those of `Run`.

    Raises:
        RunError: If it is none.
    """
    return Run(folder, data)
