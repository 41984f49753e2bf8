"""A progress bar over the epochs with the time that remains."""

from __future__ import annotations

from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from indl_vae.training.sparing import sparing


class Terminal(Console):
    """A console that raises where nobody reads it any more; rich would end the process."""

    def on_broken_pipe(self) -> None:
        """Raises the error that was met."""
        self.quiet = True
        raise


class ProgressBar(keras.callbacks.Callback):
    """Shows epoch, scores and remaining time; on something that is no terminal, one line every tenth of the run.

    Args:
        n_epochs: Epochs of the whole run.
        first_epoch: Epoch at which a resumed run begins.
        console: Where to write; the terminal by default.
    """

    def __init__(self, n_epochs: int, first_epoch: int = 0, console: Console | None = None) -> None:
        super().__init__()
        self.n_epochs, self.first_epoch = n_epochs, first_epoch
        self.console = console or Terminal(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("remaining"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=self.console, disable=not self.console.is_terminal)
        self._task: Any = None

    @sparing("the progress bar")
    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._task is not None:
            return  # training begins once more after going back to an earlier epoch
        self.console.print("Compiling the training step; the first epoch takes longer than the others.")
        self._bar.start()
        self._task = self._bar.add_task("training", total=self.n_epochs, completed=self.first_epoch)

    @sparing("the progress of this epoch")
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        text = describe(logs or {})
        if self._task is not None:
            self._bar.update(self._task, completed=epoch + 1, description=text)
        every = max(1, self.n_epochs // 10)
        if not self.console.is_terminal and ((epoch + 1) % every == 0 or epoch == self.first_epoch):
            self.console.print(f"epoch {epoch + 1}/{self.n_epochs}  {text}", soft_wrap=True)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.close()

    @sparing("the end of the progress bar")
    def close(self) -> None:
        """Ends the bar; also when the training was interrupted."""
        self._bar.stop()


def describe(logs: dict[str, Any]) -> str:
    """Returns the scores that matter in a few words."""
    shown = {"loss": "loss", "val_nll": "valid nll", "val_selection": "selection", "val_r2_rates": "R2 of rates"}
    return "  ".join(f"{label} {float(logs[name]):.4g}" for name, label in shown.items() if name in logs)
