"""`indl-vae` that kills itself: `python -m benchmarks.resuming.killed_train POINT EPOCH train --data ...`.

SIGKILL leaves no time for anything: what is on the disk at that moment is all that a resumed run has.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Where the process can be killed, in the order in which an epoch comes to them.
POINTS: dict[str, str] = {
    "step": "between two training steps",
    "row": "in the middle of a line of metrics.csv",
    "best": "best.keras written, not renamed",
    "best_index": "the best model's folder renamed, not in the index",
    "model": "half of model.keras written",
    "state": "state.json written, not renamed",
    "folder": "the checkpoint written, not renamed",
    "index": "the checkpoint renamed, not in the index",
    "indexed": "the checkpoint in the index, the oldest one still there",
}
#: Name of the file or folder whose renaming is cut short, and the beginning of its folder's name.
_RENAMES = {
    "best": ("best.keras", ""),
    "best_index": ("checkpoint_lve", ""),
    "state": ("state.json", ".epoch-"),
    "index": ("checkpoint", ""),
}


def kill() -> None:
    """Ends this process as the kernel would that runs out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


class Clock:
    """Knows whether the epoch of the kill has come; counted from 1."""

    def __init__(self, epoch: int) -> None:
        self.epoch, self.now, self.batch = epoch, 0, 0

    def due(self) -> bool:
        return self.now >= self.epoch


def arm(point: str, epoch: int, act: Callable[[], None] = kill) -> None:
    """Lets `act` happen, SIGKILL if nothing else is said, when a training of this process comes to a point."""
    from indl_vae.training.ramps import Ramps

    clock, begin, step = Clock(epoch), Ramps.on_epoch_begin, Ramps.on_train_batch_begin

    def begins(self: Ramps, number: int, logs: Any = None) -> None:
        clock.now = number + 1
        begin(self, number, logs)

    def steps(self: Ramps, batch: int, logs: Any = None) -> None:
        if point == "step" and clock.due() and batch == 1:
            act()
        step(self, batch, logs)

    Ramps.on_epoch_begin, Ramps.on_train_batch_begin = begins, steps
    if point == "row":
        _cut_the_row(clock, act)
    elif point == "model":
        _cut_the_model(clock, act)
    elif point != "step":
        _cut_the_renaming(point, clock, act)


def _cut_the_row(clock: Clock, act: Callable[[], None]) -> None:
    from indl_vae.training.metrics_csv import MetricsCSV

    write = MetricsCSV.on_epoch_end

    def half(self: MetricsCSV, epoch: int, logs: Any = None) -> None:
        before = self.path.stat().st_size if self.path.exists() else 0
        write(self, epoch, logs)
        if clock.due():
            os.truncate(self.path, (before + self.path.stat().st_size) // 2)
            act()

    MetricsCSV.on_epoch_end = half


def _cut_the_model(clock: Clock, act: Callable[[], None]) -> None:
    import keras

    save = keras.Model.save

    def half(self: keras.Model, path: Any, *args: Any, **kwargs: Any) -> None:
        save(self, path, *args, **kwargs)
        if clock.due() and Path(path).name == "model.keras":
            os.truncate(path, Path(path).stat().st_size // 2)
            act()

    keras.Model.save = half


def _cut_the_renaming(point: str, clock: Clock, act: Callable[[], None]) -> None:
    rename = os.replace

    def half(source: Any, target: Any) -> None:
        target = Path(target)
        if point == "indexed" and clock.due() and target.name == "checkpoint":
            rename(source, target)
            act()
        if point == "folder":
            found = target.name.startswith("epoch-")
        else:
            name, folder = _RENAMES.get(point, ("", ""))
            found = target.name == name and target.parent.name.startswith(folder)
        if found and clock.due():
            act()
        rename(source, target)

    os.replace = half


def main() -> None:
    """Runs the command that follows the point and the epoch."""
    point, epoch, *arguments = sys.argv[1:]
    if point not in POINTS:
        sys.exit(f"{point}: expected one of {', '.join(POINTS)}.")
    import indl_vae.cli

    # Hooked in when the command has loaded TensorFlow in its own way: all else is as in a user's run.
    module = sys.modules["indl_vae.cli.train"]
    load = module.load_tensorflow

    def load_and_arm() -> None:
        load()
        arm(point, int(epoch))

    module.load_tensorflow = load_and_arm
    indl_vae.cli.main(arguments)


if __name__ == "__main__":
    main()
