"""What only shows a run never ends it; what keeps it may."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.training.fit_log import FitLog
from indl_vae.training.progress import ProgressBar, Terminal
from indl_vae.training.sparing import sparing
from indl_vae.training.tensorboard_log import TensorBoardLog


class Shows(keras.callbacks.Callback):
    """Raises what it is given."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    @sparing("the show")
    def on_epoch_end(self, epoch, logs=None):
        raise self.error


def fit(callback: keras.callbacks.Callback) -> int:
    """Trains two epochs with a callback; returns how many were done."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    x = np.ones((4, 2), "f4")
    return len(model.fit(x, x[:, :1], epochs=2, callbacks=[callback], verbose=0).epoch)


def test_an_error_becomes_a_warning(caplog):
    assert fit(Shows(OSError(28, "No space left on device"))) == 2
    assert caplog.text.count("the show left out: OSError: [Errno 28] No space left on device") == 2


def test_an_interruption_passes():
    with pytest.raises(KeyboardInterrupt):
        fit(Shows(KeyboardInterrupt()))


def test_a_tensorboard_folder_that_cannot_be_made(tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    assert fit(TensorBoardLog(tmp_path / "file" / "tensorboard")) == 2
    assert "TensorBoard left out: " in caplog.text


def test_a_score_that_tensorboard_cannot_take(tmp_path, caplog):
    class Odd(TensorBoardLog):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, {"loss": "no number"})

    assert fit(Odd(tmp_path)) == 2
    assert caplog.text.count("scores of this epoch for TensorBoard left out: ValueError") == 2


def test_a_fit_log_that_cannot_be_written(tmp_path, caplog):
    assert fit(FitLog(tmp_path / "nowhere" / "fitlog.csv")) == 2
    assert caplog.text.count("the line of this epoch in csv_log left out: ") == 2


def test_a_terminal_that_is_gone(caplog):
    class Gone:
        encoding = "utf-8"

        def write(self, text):
            raise BrokenPipeError(32, "Broken pipe")

        def flush(self):
            raise BrokenPipeError(32, "Broken pipe")

    assert fit(ProgressBar(2, console=Terminal(file=Gone()))) == 2
    assert "the progress bar left out: " in caplog.text
