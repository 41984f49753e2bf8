"""All that an interrupted run needs to go on: written whole, or not at all."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras

from indl_vae.errors import RunError
from indl_vae.json_file import write_json
from indl_vae.models.host_value import host_value
from indl_vae.training.checkpoints import MODEL_FILE, STATE_FILE, Checkpoints
from indl_vae.training.resumable import Resumable


class Remembered(NamedTuple):
    """The state after an epoch: epochs done, values of all variables, memories of the callbacks by class name."""

    epochs_done: int
    values: list[Any]
    memory: dict[str, dict[str, Any]]


class TrainState(keras.callbacks.Callback):
    """Writes model, optimizer, random state and the memory of the callbacks as one checkpoint.

    Args:
        checkpoints: Where to; or the checkpoints folder, under the usual index.
        resumables: Callbacks whose memory belongs to the state.
        every_s: Seconds between two writings; the end of training and an interruption write in any case.
        epochs_done: Epochs that a resumed run has behind it, so that an interruption in its first epoch forgets none.
        stage_began: Epochs that were done when the stage of training began.
        is_good: Whether the state after an epoch is one to go back to when numbers are no longer finite.
    """

    def __init__(
        self,
        checkpoints: Checkpoints | str | Path,
        resumables: list[Resumable],
        every_s: float = 60.0,
        epochs_done: int = 0,
        stage_began: int = 0,
        is_good: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__()
        self.checkpoints = checkpoints if isinstance(checkpoints, Checkpoints) else Checkpoints(checkpoints)
        self.resumables, self.every_s = resumables, every_s
        self.epochs_done, self.stage_began, self._is_good = epochs_done, stage_began, is_good
        self._remembered: Remembered | None = None
        self._good: Remembered | None = None
        self._saved: Remembered | None = None
        self._written = time.monotonic()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._remember(self.epochs_done)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._remember(epoch + 1)
        if time.monotonic() - self._written > self.every_s:
            self.write()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.write()

    def write(self) -> None:
        """Writes the state of the last finished epoch; the model goes back to it if it has trained on since."""
        if self._remembered is None:
            self._remember(self.epochs_done)
        for resumable in self.resumables:
            resumable.settle()
        if self._remembered is self._saved:
            return  # the end of the training writes once more what the end of an epoch has just written
        epochs_done, values, memory = self._remembered
        self._assign(values)

        def write(folder: Path) -> None:
            self.model.save(folder / MODEL_FILE)
            state = {"epochs_done": epochs_done, "stage_began": self.stage_began, "memory": memory}
            write_json(state, folder / STATE_FILE)

        self.checkpoints.add(write, epochs_done, host_value(self.model.optimizer.iterations))
        self._saved, self._written = self._remembered, time.monotonic()

    def go_back(self) -> int:
        """Sets model, optimizer, random state and memories back to the last good state; returns its epochs done."""
        good = self._good
        if good is None:
            raise RunError("TrainState: expected a state to go back to, found none; training has not begun.")
        self._assign(good.values)
        for resumable in self.resumables:
            resumable.recall(copy.deepcopy(good.memory[type(resumable).__name__]))
        self._remembered, self.epochs_done = good, good.epochs_done
        return good.epochs_done

    def _assign(self, values: list[Any]) -> None:
        for variable, value in zip(self._variables(), values, strict=True):
            variable.assign(value)

    def _variables(self) -> list[Any]:
        """Weights, metrics and random states of the model, and what the optimizer holds."""
        return [*self.model.variables, *self.model.optimizer.variables]

    def _remember(self, epochs_done: int) -> None:
        """Copies everything: an interruption comes in the middle of an epoch, which will be gone through again.

        It may come in the middle of the copying as well, so that all is exchanged by one assignment.
        """
        optimizer = self.model.optimizer
        if not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        values = [variable.value.numpy() for variable in self._variables()]
        memory = {type(r).__name__: copy.deepcopy(r.memory()) for r in self.resumables}
        self._remembered = Remembered(epochs_done, values, memory)
        if self._good is None or self._is_good():
            self._good = self._remembered


def read_state(folder: Path) -> tuple[keras.Model, dict[str, Any]]:
    """Returns the model and the state of an interrupted run, from the newest checkpoint of its checkpoints folder.

    Raises:
        RunError: If there is nothing to resume.
    """
    newest = Checkpoints(folder).newest()
    if newest is None:
        raise RunError(
            f"{folder}: expected a checkpoint to resume from, found none; the run ended before its first. Start anew "
            "in another folder."
        )
    return keras.models.load_model(newest / MODEL_FILE), json.loads((newest / STATE_FILE).read_text())
