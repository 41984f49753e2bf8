"""Keeps the best model of a run, and the latest until there is a best one."""

from __future__ import annotations

import math
import os
import shutil
import time
from pathlib import Path
from typing import Any

import keras

from indl_vae.errors import RunError
from indl_vae.training.checkpoints import MODEL_FILE, Checkpoints
from indl_vae.training.resumable import Resumable

#: Seconds between two writings of an improved model; in between its weights wait in memory.
WRITE_EVERY_S = 20.0


def save_atomically(model: keras.Model, path: Path) -> None:
    """Writes a model so that `path` holds the old or the new one, whatever happens.

    Raises:
        RunError: It cannot be written.
    """
    part = path.with_name(f".{path.stem}.part.keras")
    try:
        model.save(part)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RunError(
            f"{path}: the model cannot be written ({error.strerror or error}); the one before it, if there was one, is "
            "whole. Make room, or give the right to write, and go on with --resume."
        ) from error


class ModelKeeper(Resumable):
    """Writes `best.keras`: the model of the epoch with the lowest selection score after both ramps have ended.

    Until they have, scores of different epochs do not compare, and the file holds the latest model. An improved model
    is held in memory and written at most every 20 seconds and at the end, since saving costs more than a short epoch.

    Args:
        path: Of the file.
        patience: Epochs without improvement, after the ramps, that end the training; 0 for never.
        kept: Where the last few best models are kept besides; None for nowhere.
    """

    remembered = ("best_score", "best_epoch", "best_step", "ended_ramps", "ended")

    def __init__(self, path: Path, patience: int = 0, kept: Checkpoints | None = None) -> None:
        super().__init__()
        self.path, self.patience, self.kept = Path(path), patience, kept
        self.best_score: float | None = None  # None until the ramps have ended: an infinity is no JSON
        self.best_epoch, self.best_step, self.ended_ramps = -1, 0, -1
        self.ended = False  # by patience; a run that goes on from here has come to its end
        self._waiting: list[Any] | None = None
        self._written = -math.inf

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        score = float(logs.get("val_selection", logs.get("val_loss", logs.get("loss", math.inf))))
        if not math.isfinite(score):
            return
        if not logs.get("ramps_over", 1.0):
            self._waiting = self.model.get_weights()
        else:
            self.ended_ramps = epoch if self.ended_ramps < 0 else self.ended_ramps
            if self.best_score is None or score < self.best_score:
                self.best_score, self.best_epoch, self.best_step = score, epoch, int(logs.get("step", 0))
                self._waiting = self.model.get_weights()
            elif self.patience and epoch - max(self.best_epoch, self.ended_ramps) >= self.patience:
                self.ended = self.model.stop_training = True
        if time.monotonic() - self._written > WRITE_EVERY_S:
            self.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.flush()

    def settle(self) -> None:
        """Writes the best model: a resumed run, which knows its score, will not make it again."""
        self.flush()

    def flush(self) -> None:
        """Writes what waits in memory, or the model as it is when nothing was written yet."""
        if self._waiting is None:
            if not self.path.exists():
                save_atomically(self.model, self.path)
            return
        current = self.model.get_weights()
        self.model.set_weights(self._waiting)
        save_atomically(self.model, self.path)
        self.model.set_weights(current)
        if self.kept is not None and self.best_epoch >= 0:
            copy = lambda folder: shutil.copyfile(self.path, folder / MODEL_FILE)  # noqa: E731
            self.kept.add(copy, self.best_epoch + 1, self.best_step)
        self._waiting, self._written = None, time.monotonic()
