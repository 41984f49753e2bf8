"""What is written while a run is trained: text log, checkpoints, latents."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from indl_vae.data import Dataset, Split
from indl_vae.importers.mrsds_layout.latents_file import write_latents
from indl_vae.importers.mrsds_layout.layout_files import LayoutFiles
from indl_vae.importers.mrsds_layout.run_config import RunConfig
from indl_vae.importers.mrsds_layout.scores import NAMES, cosmooth_channels, log_prior, scores_of
from indl_vae.importers.mrsds_layout.series import Evaluations, Row, columns_of, epoch_row
from indl_vae.importers.mrsds_layout.text_log import TextLog
from indl_vae.importers.mrsds_layout.trial_arrays import all_arrays
from indl_vae.training.checkpoints import MODEL_FILE, Checkpoints
from indl_vae.training.metrics_csv import read_metrics


class LayoutOutputs(keras.callbacks.Callback):
    """Writes the published files while a model is trained.

    The model is evaluated and the log written at the end of the first epoch and of those in which a multiple of
    `log_steps` steps lies; checkpoints and latents likewise with `save_steps`, and at the end of each stage. Steps
    count on through the stages.

    Args:
        files: Where to.
        dataset: The data.
        config: Reads log_steps, save_steps, dropout and drop_perc of `training`.
        log: The text log.
        dataseed: Of the channels that co-smoothing predicts.
    """

    def __init__(
        self, files: LayoutFiles, dataset: Dataset, config: RunConfig, log: TextLog, dataseed: int = 0
    ) -> None:
        super().__init__()
        self.files, self.dataset, self.log, self.evaluations = files, dataset, log, Evaluations(files.series)
        self.log_steps, self.save_steps = config.training["log_steps"], config.training["save_steps"]
        sizes = dataset.region_sizes or (dataset.spec.n_channels,)
        hidden = cosmooth_channels(sizes, config.training["drop_perc"], dataseed) if config.training["dropout"] else []
        self._hidden = np.asarray(hidden, int)
        self._last, self._saved, self._steps = -1, -1, 0

    @property
    def scored(self) -> Split:
        """The trials that scores are of: those of the test, or of the validation without a test."""
        return self.dataset.test or self.dataset.valid

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._last, self._steps = -1, int(self.params["steps"])
        if self.model.stage:
            self.log.write(f"stage {self.model.stage + 1} of the training: some parts are frozen")

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._last < 0:  # a run that was killed goes through some epochs again
            self.evaluations.forget_from(epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._last = epoch
        if epoch == 0 or self._crossed(epoch, self.log_steps):
            self._evaluate(epoch, epoch_row(logs or {}, (epoch + 1) * self._steps))
        if self._crossed(epoch, self.save_steps):
            self._save(epoch)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._last > self._saved:
            self._save(self._last)

    def _crossed(self, epoch: int, every: int) -> bool:
        """Returns whether a multiple of so many steps lies in an epoch, counted from 0."""
        return (epoch + 1) * self._steps // every > epoch * self._steps // every

    def _evaluate(self, epoch: int, row: Row) -> None:
        """Scores the model and writes the log; as many training trials are looked at as there are others."""
        some = self.dataset.train.take(slice(0, self.scored.n_trials))
        log_px = log_prior(self.model, self.scored)
        groups = {"train": (some, None), "test": (self.scored, None)}
        groups |= {"cosmooth": (self.scored, self._hidden)} if len(self._hidden) else {}
        scores = {}
        for name in ("train", "test", "cosmooth"):
            made = scores_of(self.model, *groups[name]) if name in groups else dict.fromkeys(NAMES, float("nan"))
            scores |= {f"{name}_{score}": value for score, value in made.items()}
        found = {"log_iterations": row["iterations"], "log_pxs": log_px, "log_qxs": log_px + row["kls"]}
        self.evaluations.add(epoch, found | scores)
        self.log.write(_line(row, log_px))
        self.log.write(f"  {', '.join(f'{name} {value:.4g}' for name, value in scores.items())}")

    def _save(self, epoch: int) -> None:
        folder = self.files.models_do if self.model.stage else self.files.models
        step = int(self.model.optimizer.iterations)
        Checkpoints(folder, name="ckpt").add(lambda part: self.model.save(part / MODEL_FILE), epoch + 1, step)
        self._saved = epoch
        self.write_latents(self.model)

    def write_latents(self, model: Any) -> None:
        """Writes the .mat file of a model, and the scores so far."""
        epochs = read_metrics(self.files.run.metrics)
        rows = [epoch_row(row, int(row["epoch"]) * self._steps) for row in epochs]
        sizes = [model.params.region_latents] * len(self.dataset.region_sizes or (0,))
        beside = columns_of(rows) | columns_of(self.evaluations.rows) | {"latent_region_sizes": np.array(sizes)}
        write_latents(all_arrays(model, self.dataset) | beside, self.files.latents)


def _line(row: Row, log_px: float) -> str:
    return (
        f"iteration {row['iterations']:.0f}: elbo {row['elbos']:.6g}, logpx {log_px:.6g}, logpy {row['log_pys']:.6g}, "
        f"lr {row['lrs']:.3g}, beta {row['betas']:.3g}"
    )
