"""Notices when the numbers of a run are no longer finite."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from indl_vae.models.host_value import host_value
from indl_vae.training.resumable import Resumable
from indl_vae.training.run_log import warn


class Trouble(NamedTuple):
    """What is wrong, and where.

    Attributes:
        epoch: The epoch, counted from 0.
        what: In words, to go before "in epoch 3".
        batch: Place in the epoch of the training batch that came out bad; None if it is one of validation.
        steps_ago: Training steps that were begun since, its own among them.
    """

    epoch: int
    what: str
    batch: int | None = None
    steps_ago: int = 0


class Setback(Exception):
    """Leaves `fit`, so that the run goes back to its last good state or ends; `Setbacks.fit` catches it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.what)
        self.trouble = trouble


class DivergenceGuard(Resumable):
    """Raises `Setback` when steps are skipped one after the other, or a loss is not finite at the end of an epoch.

    How many were is asked every `max_skipped_steps` steps and at the end of an epoch, so that a device need not wait
    for the host at every step. Adds `rollbacks` to the logs; an epoch of nothing but skipped steps has no scores of its
    training (NaN).

    Args:
        max_skipped_steps: Skipped steps in a row that are too many.

    Attributes:
        rollbacks: How often the run has gone back.
        rate_factor: What the learning rate has been multiplied by on that account.
        in_a_row: Skipped steps up to the end of the last epoch.
        explain: Says which trial it was; None for nothing more than that there was one.
    """

    remembered = ("rollbacks", "rate_factor", "in_a_row")

    def __init__(self, max_skipped_steps: int = 10) -> None:
        super().__init__()
        self.max_skipped_steps = int(max_skipped_steps)
        self.explain: Callable[[Trouble], str] | None = None
        self._epoch, self._explained = 0, False
        self.forget()

    def forget(self) -> None:
        """Starts anew, as for a learning rate that was set by hand."""
        self.rollbacks, self.rate_factor, self.in_a_row = 0, 1.0, 0

    def halve(self) -> None:
        """Halves the learning rate of a run that has gone back."""
        self.rollbacks, self.rate_factor, self.in_a_row = self.rollbacks + 1, 0.5 * self.rate_factor, 0
        optimizer = self.model.optimizer
        optimizer.learning_rate = 0.5 * host_value(optimizer.learning_rate)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.model.skipped_steps.go_on_after(self.in_a_row)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if (batch + 1) % self.max_skipped_steps == 0:
            self._check_row()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {} if logs is None else logs
        self._check_row()
        counts = self.model.skipped_steps.read()
        latest = (counts.last, counts.steps - counts.last) if counts.skipped else (None, 0)
        bad = [name for name in ("loss", "val_loss") if not math.isfinite(float(logs.get(name, 0.0)))]
        if bad:
            raise Setback(Trouble(epoch, f"{' and '.join(bad)} not finite", *latest))
        self.in_a_row, logs["rollbacks"] = counts.in_a_row, self.rollbacks
        if counts.skipped:
            self._tell(counts.skipped, counts.steps, Trouble(epoch, "loss or gradient not finite", *latest))
        if 0 < counts.steps == counts.skipped:
            logs.update({name: math.nan for name in logs if f"val_{name}" in logs})

    def _check_row(self) -> None:
        counts = self.model.skipped_steps.read()
        if counts.in_a_row < self.max_skipped_steps:
            return
        first = max(0, counts.steps - counts.in_a_row)
        steps = "1 training step" if counts.in_a_row == 1 else f"{counts.in_a_row} training steps in a row"
        what = f"loss or gradient not finite ({steps})"
        raise Setback(Trouble(self._epoch, what, first, counts.steps - first))

    def _tell(self, skipped: int, steps: int, trouble: Trouble) -> None:
        """Writes to the log that steps were skipped, and the first time also why."""
        why = "" if self.explain is None or self._explained else f" {self.explain(trouble)}"
        self._explained = True
        warn(f"epoch {trouble.epoch + 1}: {skipped} of {steps} training steps skipped, {trouble.what}.{why}")
