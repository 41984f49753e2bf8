"""Trains members of a population, one after the other, with one model that is built and compiled once."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import keras

from indl_vae.data import Dataset
from indl_vae.errors import RunError
from indl_vae.json_file import write_json
from indl_vae.models import build_model
from indl_vae.models.live_values import set_live_values
from indl_vae.params import Params, RampGroup, narrow
from indl_vae.run_folder import RunFolder
from indl_vae.training.checkpoints import MODEL_FILE, STATE_FILE, Checkpoints
from indl_vae.training.divergence_guard import DivergenceGuard, Setback
from indl_vae.training.epoch_scores import EpochScores
from indl_vae.training.metrics_csv import MetricsCSV
from indl_vae.training.ramps import Ramps
from indl_vae.training.tensorboard_log import TensorBoardLog
from indl_vae.training.train import batches, drop_rows_after
from indl_vae.training.train_state import TrainState

#: States of a member that are kept: of its last generations.
_KEEP = 3


class MemberTrainer:
    """Trains any member of a population for a generation, from a state on the disk to a state on the disk.

    Args:
        params: What the members have in common.
        dataset: The data.
        members: Folder of the members, `000`, `001`, ...: a run folder each.
    """

    def __init__(self, params: Params, dataset: Dataset, members: str | Path) -> None:
        self.params, self.dataset, self.members = params, dataset, Path(members)
        self.model = build_model(params, dataset)

    def train(self, order: dict[str, Any]) -> dict[str, float]:
        """Trains a member as `Population.order` says.

        Returns:
            The numbers of the last epoch, with "score": the smoothed validation score, infinity if it diverged.
        """
        params = self.params.replace(
            **order["values"], seed=self.params.seed + order["member"], n_epochs=order["last_epoch"]
        )
        files = self._files(order["member"])
        memory = self._take_state(params, order)
        set_live_values(self.model, order["values"])
        self._prepare(files, params, order["first_epoch"])
        scores = EpochScores(params.select_on, params.smoothing)
        if memory is not None:
            scores.recall(memory["EpochScores"])
        try:
            logs = self._fit(params, files, scores, order["first_epoch"])
        except Setback:
            logs = {}  # it copies another one, rather than going back by itself
        score = logs.get("val_selection", math.inf)
        return {**logs, "score": score if math.isfinite(score) else math.inf}

    def _files(self, member: int) -> RunFolder:
        return RunFolder(self.members / f"{member:03d}")

    def _take_state(self, params: Params, order: dict[str, Any]) -> dict[str, Any] | None:
        """Gives the model the weights, optimizer and random state with which a generation begins.

        A member that copies another keeps its own random state: with the other's, both would draw the same noise.

        Returns:
            What the scores of the epochs so far come to, None at the start.
        """
        if not order["first_epoch"]:
            self._assign_first(params)
            return None
        epoch, donor = order["first_epoch"], order["copied"]
        if donor is None:
            return self._load(order["member"], epoch)
        own = self._random_state(params, order["member"], epoch)
        memory = self._load(donor, epoch)
        for generator, state in zip(self.model.seed_generators, own, strict=True):
            generator.state.assign(state)
        return memory

    def _assign_first(self, params: Params) -> None:
        """Takes the weights that a model of this member's own seed begins with."""
        first = build_model(params, self.dataset)
        ours, theirs = (_variables(model) for model in (self.model, first))
        for variable, value in zip(ours, theirs, strict=True):
            variable.assign(value)

    def _random_state(self, params: Params, member: int, epoch: int) -> list[Any]:
        """Returns the random state of a member's newest state up to an epoch, or of its start where it has none."""
        newest = Checkpoints(self._files(member).checkpoints, keep=_KEEP).newest(until=epoch)
        if newest is None:
            self._assign_first(params)
        else:
            self.model.load_weights(newest / MODEL_FILE)
        return [generator.state.numpy() for generator in self.model.seed_generators]

    def _load(self, member: int, epoch: int) -> dict[str, Any]:
        checkpoints = Checkpoints(self._files(member).checkpoints, keep=_KEEP)
        folder = checkpoints.of_epoch(epoch)
        if folder is None:
            raise RunError(
                f"{checkpoints.folder}: holds no whole state after epoch {epoch}. It was deleted or damaged; begin the "
                "population anew in another folder."
            )
        self.model.load_weights(folder / MODEL_FILE)
        return json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))["memory"]

    def _prepare(self, files: RunFolder, params: Params, first_epoch: int) -> None:
        files.create(resume=True)
        params.to_yaml(files.params)
        write_json(self.dataset.info(), files.data)
        drop_rows_after(files.metrics, first_epoch)

    def _fit(self, params: Params, files: RunFolder, scores: EpochScores, first_epoch: int) -> dict[str, float]:
        state = TrainState(Checkpoints(files.checkpoints, keep=_KEEP), [scores], math.inf, first_epoch)
        callbacks = [
            Ramps(narrow(RampGroup, params)),
            scores,
            DivergenceGuard(params.max_skipped_steps),
            MetricsCSV(files.metrics),
            *([TensorBoardLog(files.tensorboard)] if params.tensorboard else []),
            state,
        ]
        train_batches, valid_batches = batches(params, self.dataset, self.model.feed)
        last = _LastLogs()
        self.model.stop_training = False
        self.model.fit(
            train_batches,
            validation_data=valid_batches,
            epochs=params.n_epochs,
            initial_epoch=first_epoch,
            callbacks=[*callbacks, last],
            verbose=0,
        )
        return last.logs


class _LastLogs(keras.callbacks.Callback):
    """Keeps what the other callbacks have made of the last epoch's numbers."""

    logs: dict[str, float]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.logs = {name: float(value) for name, value in (logs or {}).items()}


def _variables(model: keras.Model) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]
