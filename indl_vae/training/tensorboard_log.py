"""Scalars and pictures for TensorBoard."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from indl_vae.training.run_log import warn
from indl_vae.training.sparing import sparing


class TensorBoardLog(keras.callbacks.Callback):
    """Writes the scores of each epoch and, now and then, pictures of the validation trials.

    What fails is reported and left out: it never ends a run.

    Args:
        folder: Of the event files.
        draw: Function of the model that returns `(title, caption, matplotlib figure)` triples, or None for no pictures.
        every: Epochs between pictures.
    """

    def __init__(
        self, folder: Path, draw: Callable[[keras.Model], list[tuple[str, str, Any]]] | None = None, every: int = 50
    ) -> None:
        super().__init__()
        self.folder, self.draw, self.every = Path(folder), draw, every
        self._writer: Any = None

    @sparing("TensorBoard")
    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._writer is None:  # training begins once more after going back to an earlier epoch
            self._writer = tf.summary.create_file_writer(str(self.folder))

    @sparing("scores of this epoch for TensorBoard")
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._writer is None:
            return  # it could not be made, which has been said
        with self._writer.as_default(step=epoch + 1):
            for name, value in (logs or {}).items():
                tf.summary.scalar(name, float(value))
            if self.draw is not None and (epoch + 1) % self.every == 0:
                self._write_pictures()
        self._writer.flush()

    def _write_pictures(self) -> None:
        try:
            for title, _, figure in self.draw(self.model):
                tf.summary.image(title, decode(figure)[None])
        except Exception as error:  # whatever goes wrong in a picture, the run is worth more
            warn(f"pictures of this epoch left out: {type(error).__name__}: {error}")

    @sparing("the end of the TensorBoard log")
    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._writer is not None:
            self._writer.close()


def decode(figure: Any) -> tf.Tensor:
    """Returns a matplotlib figure as an image tensor `(height, width, 4)`."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    return tf.image.decode_png(buffer.getvalue(), channels=4)
