"""What is written of an interrupted run is the state after its last whole epoch."""

from __future__ import annotations

import json
import os

import keras
import numpy as np
import pytest

from indl_vae.errors import RunError
from indl_vae.training.metrics_csv import drop_rows_after
from indl_vae.training.resumable import Resumable
from indl_vae.training.train_state import TrainState, read_state


class Counter(Resumable):
    """Remembers a dict that changes in place."""

    remembered = ("seen",)

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.seen["epochs"] = epoch + 1


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C after the first batch of the third epoch, or before the second epoch is noted."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where, self.epoch = where, -1

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if self.where == "batch" and (self.epoch, batch) == (2, 0):
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if self.where == "epoch end" and epoch == 2:
            raise KeyboardInterrupt


def small_model() -> keras.Model:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def fit(model: keras.Model, epochs: int, callbacks: list) -> None:
    x = np.random.default_rng(0).random((8, 3)).astype("float32")
    model.fit(x, x.sum(1), batch_size=4, epochs=epochs, shuffle=False, verbose=0, callbacks=callbacks)


@pytest.mark.parametrize("where", ["batch", "epoch end"])
def test_the_epoch_that_was_cut_short_is_not_in_it(tmp_path, where):
    counter, model = Counter(), small_model()
    state = TrainState(tmp_path, [counter])
    with pytest.raises(KeyboardInterrupt):
        fit(model, 5, [counter, Interrupt(where), state])
    assert int(model.optimizer.iterations) > 4
    state.write()
    expected = small_model()
    fit(expected, 2, [])
    found, memory = read_state(tmp_path)
    assert memory == {"epochs_done": 2, "stage_began": 0, "memory": {"Counter": {"seen": {"epochs": 2}}}}
    for ours, theirs in zip(found.variables, expected.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    for ours, theirs in zip(found.optimizer.variables, expected.optimizer.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_an_interruption_in_the_first_epoch_after_resuming_forgets_nothing(tmp_path):
    state = TrainState(tmp_path, [], epochs_done=7)
    state.set_model(small_model())
    state.write()
    assert json.loads((tmp_path / "epoch-7" / "state.json").read_text())["epochs_done"] == 7


def test_nothing_there(tmp_path):
    with pytest.raises(RunError, match="expected a checkpoint to resume from, found none"):
        read_state(tmp_path)


class Killed(BaseException):
    """Stands for SIGKILL: nothing that comes after it runs."""


@pytest.mark.parametrize("step", range(5))
def test_a_kill_between_two_writings_leaves_one_whole_state(tmp_path, monkeypatch, step):
    """Whichever rename is the last one, model and memory are of one epoch and the index names them."""
    model = small_model()
    state = TrainState(tmp_path, [])
    state.set_model(model)
    fit(model, 1, [])
    state._remember(1)
    state.write()
    fit(model, 1, [])
    state._remember(2)
    renames = iter(range(100))
    rename = os.replace

    def kill(*paths):
        if next(renames) == step:
            raise Killed
        rename(*paths)

    monkeypatch.setattr(os, "replace", kill)
    killed = False
    try:
        state.write()
    except Killed:
        killed = True
    monkeypatch.undo()
    assert killed == (step < 4), "four renames: memory, entry, folder, index"
    found, memory = read_state(tmp_path)
    assert int(found.optimizer.iterations) == 2 * memory["epochs_done"]
    assert memory["epochs_done"] == (1 if killed else 2)
    state.write()
    found, memory = read_state(tmp_path)
    assert (memory["epochs_done"], int(found.optimizer.iterations)) == (2, 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint", "epoch-1", "epoch-2"]


def test_what_the_memory_speaks_of_is_written_before_it(tmp_path):
    """A killed run that goes on knows the best score; the model that had it must be on disk then."""
    order = []

    class Settles(Counter):
        def settle(self):
            order.append(sorted(path.name for path in tmp_path.iterdir()))

    state = TrainState(tmp_path, [Settles()])
    state.set_model(small_model())
    state.write()
    assert order == [[]]


def test_rows_of_a_resumed_run(tmp_path):
    path = tmp_path / "metrics.csv"
    text = "epoch,loss\r\n1,0.5000\r\n2,0.25\r\n"
    path.write_bytes((text + "3,0.125\r\n4").encode())
    drop_rows_after(path, 2)
    assert path.read_bytes().decode() == text
    drop_rows_after(path, 0)
    assert not path.exists()
    drop_rows_after(path, 0)
    path.write_bytes(b"")
    drop_rows_after(path, 2)
    assert not path.exists(), "a file that a killed process left empty has no header to go on under"
