"""A tiny run that can be cut short at any point, and what SIGKILL would leave of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import pytest
import tensorflow as tf

from benchmarks.resuming.compare import differences, left_by
from benchmarks.resuming.killed_train import arm
from indl_vae.training import train
from indl_vae.training.metrics_csv import MetricsCSV
from indl_vae.training.ramps import Ramps
from tests.training.tiny import tiny_dataset, tiny_params

# As for every test (tests/conftest.py), but before fixtures of modules: the last bits depend on it.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

#: A state after every epoch; dropout, so that random states matter.
SETTINGS = {"n_epochs": 4, "checkpoint_every_s": 0, "dropout_rate": 0.2, "coordinated_dropout_rate": 0.2}


class Killed(BaseException):
    """Ends a training in this process; what its folder held before is in a copy."""


def run(folder: Path, resume: bool = False, **changes) -> Path:
    """Trains, or goes on, and returns the folder."""
    train(tiny_params(**{**SETTINGS, **changes}), tiny_dataset(), folder, resume=resume)
    return folder


def killed_at(point: str, epoch: int, folder: Path, patch: pytest.MonkeyPatch, **changes) -> Path:
    """Returns a copy of a run's folder at the moment in which SIGKILL would have come."""
    left = folder / "killed"

    def act() -> None:
        if not left.exists():
            shutil.copytree(folder / "run", left)
        raise Killed

    with restored(patch):
        arm(point, epoch, act)
        with pytest.raises(Killed):
            run(folder / "run", **changes)
    return left


@contextmanager
def restored(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """A scope at whose end all that `arm` exchanges is as it was."""
    exchanged = (
        (Ramps, "on_epoch_begin"),
        (Ramps, "on_train_batch_begin"),
        (MetricsCSV, "on_epoch_end"),
        (keras.Model, "save"),
        (os, "replace"),
    )
    with patch.context() as inner:
        for owner, name in exchanged:
            inner.setattr(owner, name, getattr(owner, name))
        yield


def assert_same(folder: Path, straight: Path) -> None:
    """Checks that two runs have left the same, to the last bit."""
    wrong = differences(left_by(folder), left_by(straight))
    assert not wrong, wrong
