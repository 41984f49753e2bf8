"""All that an interrupted run needs to go on: written whole, or not at all."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import keras

from indl_vae.errors import RunError
from indl_vae.training.model_keeper import save_atomically
from indl_vae.training.resumable import Resumable

MODEL_FILE, STATE_FILE = "latest.keras", "state.json"


class TrainState(keras.callbacks.Callback):
    """Writes model, optimizer, random state and the memory of the callbacks to the checkpoints folder.

    Args:
        folder: The checkpoints folder.
        resumables: Callbacks whose memory belongs to the state.
        every_s: Seconds between two writings; the end of training and an interruption write in any case.
    """

    def __init__(self, folder: Path, resumables: list[Resumable], every_s: float = 60.0) -> None:
        super().__init__()
        self.folder, self.resumables, self.every_s = Path(folder), resumables, every_s
        self.epochs_done = 0
        self._written = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epochs_done = epoch + 1
        if time.monotonic() - self._written > self.every_s:
            self.write()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.write()

    def write(self) -> None:
        """Writes the state of the last finished epoch."""
        self.folder.mkdir(parents=True, exist_ok=True)
        save_atomically(self.model, self.folder / MODEL_FILE)
        memory = {type(r).__name__: r.memory() for r in self.resumables}
        write_json(self.folder / STATE_FILE, {"epochs_done": self.epochs_done, "memory": memory})
        self._written = time.monotonic()


def read_state(folder: Path) -> tuple[keras.Model, dict[str, Any]]:
    """Returns the model and the state of an interrupted run.

    Raises:
        RunError: If there is nothing to resume.
    """
    model_path, state_path = Path(folder) / MODEL_FILE, Path(folder) / STATE_FILE
    if not model_path.exists() or not state_path.exists():
        raise RunError(f"{folder}: expected {MODEL_FILE} and {STATE_FILE} to resume from, found none. Start without --resume.")
    return keras.models.load_model(model_path), json.loads(state_path.read_text())


def write_json(path: Path, content: Any) -> None:
    """Writes JSON so that `path` holds the old or the new content, whatever happens."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(content, indent=2, allow_nan=True))
    os.replace(part, path)
