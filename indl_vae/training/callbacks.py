"""The callbacks of a run, in the order in which they must act."""

from __future__ import annotations

from typing import NamedTuple

import keras

from indl_vae.data import Dataset
from indl_vae.params import DynamicsScoresGroup, KeepingGroup, OptimizerGroup, Params, RampGroup, narrow
from indl_vae.run_folder import RunFolder
from indl_vae.training.checkpoints import BEST, LATEST, Checkpoints
from indl_vae.training.divergence_guard import DivergenceGuard
from indl_vae.training.dynamics_scores import DynamicsScores
from indl_vae.training.epoch_scores import EpochScores
from indl_vae.training.fit_log import FitLog, entries_per_trial
from indl_vae.training.metrics_csv import MetricsCSV
from indl_vae.training.model_keeper import ModelKeeper
from indl_vae.training.pictures import PictureMaker
from indl_vae.training.plateau_decay import PlateauDecay
from indl_vae.training.progress import ProgressBar
from indl_vae.training.ramps import Ramps
from indl_vae.training.scheduled_decay import SCHEDULES, ScheduledDecay
from indl_vae.training.tensorboard_log import TensorBoardLog
from indl_vae.training.train_state import TrainState


class RunCallbacks(NamedTuple):
    """Each makes the epoch's logs complete for those after it.

    The scores come first, the guard before anything is saved, the writers last.
    """

    ramps: Ramps
    dynamics: DynamicsScores | None
    scores: EpochScores
    guard: DivergenceGuard
    keeper: ModelKeeper
    plateau: PlateauDecay
    schedule: ScheduledDecay | None
    csv: MetricsCSV
    fit_log: FitLog | None
    tensorboard: TensorBoardLog | None
    state: TrainState
    progress: ProgressBar

    def recall(self, memory: dict[str, dict]) -> None:
        """Restores the memories of a resumed run."""
        for callback in (self.scores, self.keeper, self.plateau):
            callback.recall(memory[type(callback).__name__])
        if DivergenceGuard.__name__ in memory:  # states of older versions have none
            self.guard.recall(memory[DivergenceGuard.__name__])

    def as_list(self) -> list[keras.callbacks.Callback]:
        """The callbacks as `fit` takes them."""
        return [callback for callback in self if callback is not None]


def make_callbacks(
    params: Params, files: RunFolder, pictures: PictureMaker, first_epoch: int, stage_began: int = 0
) -> RunCallbacks:
    """Returns the callbacks of a run, or of a stage of it, that writes into `files`.

    Args:
        params: The parameters.
        files: Of the run.
        pictures: Makes pictures for TensorBoard.
        first_epoch: Epochs that are done.
        stage_began: Epochs that were done when the stage of training began.
    """
    optimizer, keeping = narrow(OptimizerGroup, params), narrow(KeepingGroup, params)
    scores = EpochScores(optimizer.select_on, optimizer.smoothing)
    best = Checkpoints(files.checkpoints, BEST, keeping.keep_best, f"{keeping.checkpoint_name}_lve")
    n_latest = max(2, keeping.keep_latest) if keeping.keep_latest else 0  # one stands in for another that is damaged
    latest = Checkpoints(files.checkpoints, LATEST, n_latest, keeping.checkpoint_name)
    guard = DivergenceGuard(optimizer.max_skipped_steps)
    keeper = ModelKeeper(files.best, optimizer.patience, best)
    plateau = PlateauDecay(optimizer.lr_rule, optimizer)
    return RunCallbacks(
        ramps=Ramps(narrow(RampGroup, params)),
        dynamics=_dynamics(params, pictures.dataset),
        scores=scores,
        guard=guard,
        keeper=keeper,
        plateau=plateau,
        schedule=_schedule(optimizer, guard),
        csv=MetricsCSV(files.metrics),
        fit_log=_fit_log(keeping.csv_log, optimizer.nll_reduction, files, pictures.dataset),
        tensorboard=_tensorboard(params, keeping, files, pictures),
        state=TrainState(
            latest,
            [scores, guard, keeper, plateau],
            keeping.checkpoint_every_s,
            epochs_done=first_epoch,
            stage_began=stage_began,
            is_good=lambda: guard.in_a_row == 0,
        ),
        progress=ProgressBar(params.n_epochs, first_epoch),
    )


def _schedule(optimizer: OptimizerGroup, guard: DivergenceGuard) -> ScheduledDecay | None:
    if optimizer.lr_rule not in SCHEDULES and not optimizer.lr_warmup_steps:
        return None
    return ScheduledDecay(optimizer, factor=lambda: guard.rate_factor)


def _tensorboard(
    params: Params, keeping: KeepingGroup, files: RunFolder, pictures: PictureMaker
) -> TensorBoardLog | None:
    if not keeping.tensorboard:
        return None
    return TensorBoardLog(files.tensorboard, pictures, every=max(1, params.n_epochs // 5))


def _dynamics(params: Params, dataset: Dataset) -> DynamicsScores | None:
    group = narrow(DynamicsScoresGroup, params)
    if not group.metrics:
        return None
    every = group.metrics_every or max(1, params.n_epochs // 5)
    return DynamicsScores(dataset.valid, group.metrics, every, params.n_epochs, params.seed)


def _fit_log(name: str, reduction: str, files: RunFolder, dataset: Dataset) -> FitLog | None:
    if not name:
        return None
    entries = (entries_per_trial(dataset.train, reduction), entries_per_trial(dataset.valid, reduction))
    return FitLog(files.path / f"{name}.csv", entries)
