"""Training that goes back to its last good state when its numbers are no longer finite."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras

from indl_vae.data import Dataset
from indl_vae.errors import TrainingDivergedError
from indl_vae.json_file import write_json
from indl_vae.models.host_value import host_value
from indl_vae.params import Params
from indl_vae.run_folder import RunFolder
from indl_vae.training.callbacks import RunCallbacks
from indl_vae.training.divergence_guard import Setback, Trouble
from indl_vae.training.divergence_report import bad_trial_in_words, divergence_as_json, divergence_in_words
from indl_vae.training.first_bad_trial import MakeBatches, find_bad_trial
from indl_vae.training.metrics_csv import drop_rows_after
from indl_vae.training.run_log import warn


class Setbacks:
    """Fits a model; after a setback it goes back to the last good epoch, with half the learning rate, and on.

    Args:
        model: The model.
        params: Its parameters; reads `max_rollbacks`.
        dataset: The data.
        files: Of the run.
        callbacks: Of the run.
        batches: Returns training and validation batches of (parameters, data, feed).
    """

    def __init__(
        self,
        model: keras.Model,
        params: Params,
        dataset: Dataset,
        files: RunFolder,
        callbacks: RunCallbacks,
        batches: MakeBatches,
    ) -> None:
        self._model, self._params, self._files, self._callbacks = model, params, files, callbacks
        self._find = partial(find_bad_trial, model=model, params=params, dataset=dataset, batches=batches)
        callbacks.guard.explain = lambda trouble: bad_trial_in_words(self._find(trouble))

    def fit(self, fit: Callable[[int], Any], first_epoch: int) -> int:
        """Calls `fit(first_epoch)` until it comes to its end; returns the number of epochs that are done then.

        Raises:
            TrainingDivergedError: There were more setbacks than `max_rollbacks`. The model is that of the last good
                epoch.
        """
        while True:
            try:
                return first_epoch + len(fit(first_epoch).epoch)
            except Setback as setback:
                trouble = setback.trouble
            if self._callbacks.guard.rollbacks >= self._params.max_rollbacks:
                self._give_up(trouble)
            first_epoch = self._go_back(trouble)

    def _go_back(self, trouble: Trouble) -> int:
        """Restores the last good state and halves the learning rate; returns the epochs that are done in it."""
        guard, epochs_done = self._callbacks.guard, self._callbacks.state.go_back()
        guard.halve()
        drop_rows_after(self._files.metrics, epochs_done)
        if self._callbacks.fit_log is not None:
            self._callbacks.fit_log.forget_after(epochs_done)
        rate, most = host_value(self._model.optimizer.learning_rate), self._params.max_rollbacks
        warn(
            f"{trouble.what} in epoch {trouble.epoch + 1}: back to the state after epoch {epochs_done}, learning rate "
            f"{rate:g} (return {guard.rollbacks} of {most})"
        )
        return epochs_done

    def _give_up(self, trouble: Trouble) -> None:
        guard, optimizer = self._callbacks.guard, self._model.optimizer
        found = self._find(trouble)
        told = (trouble, found, guard.rollbacks, host_value(optimizer.learning_rate))
        write_json(
            divergence_as_json(*told, step=host_value(optimizer.iterations)), self._files.path / "divergence.json"
        )
        epochs_done = self._callbacks.state.go_back()
        raise TrainingDivergedError(divergence_in_words(*told, is_best_kept=epochs_done > 0))
