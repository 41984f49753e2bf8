"""The callbacks of a run, in the order in which they must act."""

from __future__ import annotations

from typing import NamedTuple

import keras

from indl_vae.params import OptimizerGroup, Params, RampGroup, narrow
from indl_vae.run_folder import RunFolder
from indl_vae.training.divergence_guard import DivergenceGuard
from indl_vae.training.epoch_scores import EpochScores
from indl_vae.training.metrics_csv import MetricsCSV
from indl_vae.training.model_keeper import ModelKeeper
from indl_vae.training.pictures import PictureMaker
from indl_vae.training.plateau_decay import PlateauDecay
from indl_vae.training.progress import ProgressBar
from indl_vae.training.ramps import Ramps
from indl_vae.training.tensorboard_log import TensorBoardLog
from indl_vae.training.train_state import TrainState


class RunCallbacks(NamedTuple):
    """Each makes the epoch's logs complete for those after it.

    The scores come first, the guard before anything is saved, the writers last.
    """

    ramps: Ramps
    scores: EpochScores
    guard: DivergenceGuard
    keeper: ModelKeeper
    plateau: PlateauDecay
    csv: MetricsCSV
    tensorboard: TensorBoardLog
    state: TrainState
    progress: ProgressBar

    def recall(self, memory: dict[str, dict]) -> None:
        """Restores the memories of a resumed run."""
        for callback in (self.scores, self.keeper, self.plateau):
            callback.recall(memory[type(callback).__name__])

    def as_list(self) -> list[keras.callbacks.Callback]:
        """The callbacks as `fit` takes them."""
        return list(self)


def make_callbacks(params: Params, files: RunFolder, pictures: PictureMaker, first_epoch: int) -> RunCallbacks:
    """Returns the callbacks of a run that writes into `files`."""
    optimizer = narrow(OptimizerGroup, params)
    scores = EpochScores(optimizer.select_on, optimizer.smoothing)
    keeper = ModelKeeper(files.best, optimizer.patience)
    plateau = PlateauDecay(optimizer.lr_rule, optimizer)
    return RunCallbacks(
        ramps=Ramps(narrow(RampGroup, params)),
        scores=scores,
        guard=DivergenceGuard(),
        keeper=keeper,
        plateau=plateau,
        csv=MetricsCSV(files.metrics),
        tensorboard=TensorBoardLog(files.tensorboard, pictures, every=max(1, params.n_epochs // 5)),
        state=TrainState(files.checkpoints, [scores, keeper, plateau], epochs_done=first_epoch),
        progress=ProgressBar(params.n_epochs, first_epoch),
    )
