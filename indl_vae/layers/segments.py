"""Sequences cut into segments that lie in the batch axis, and joined again."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError


class _Segmented(keras.layers.Layer):
    """Knows the length L of a segment; a sequence of T bins has S = ceil(T / L) of them.

    Args:
        length: Bins of a segment.
    """

    def __init__(self, length: int, **kwargs) -> None:
        super().__init__(**kwargs)
        if int(length) < 1:
            raise ConfigError(f"length of {type(self).__name__}: expected an integer >= 1, got {length!r}.")
        self.length = int(length)

    def _folded(self, values):
        """Returns `(B * S, L, ...)` of `(B, T, ...)`, zeros after the end."""
        bins = ops.shape(values)[1]
        room = (-bins) % self.length
        padded = ops.pad(values, [[0, 0], [0, room], *[[0, 0]] * (len(values.shape) - 2)])
        return ops.reshape(padded, (-1, self.length, *values.shape[2:]))

    def _count(self, like):
        return (ops.shape(like)[1] + self.length - 1) // self.length

    def get_config(self) -> dict:
        return {**super().get_config(), "length": self.length}


@keras.saving.register_keras_serializable(package="indl_vae")
class CutSegments(_Segmented):
    """Returns `(B * S, L, M)` of `(B, T, M)`: segments one after the other, zeros after a sequence's end."""

    def call(self, values):
        return self._folded(values)

    def compute_output_spec(self, values):
        return keras.KerasTensor((None, self.length, *values.shape[2:]), dtype=self.compute_dtype)


@keras.saving.register_keras_serializable(package="indl_vae")
class SegmentSteps(_Segmented):
    """Returns a step mask of segments, `(B * S, L)`: 0 in bins after the end of the sequence.

    Call arguments:
        like: `(B, T, ...)`.
        steps: `(B, T)` of 0 and 1, or None where every bin counts.
    """

    def call(self, like, steps=None):
        bins = ops.shape(like)[:2]
        return self._folded(ops.ones(bins, self.compute_dtype) if steps is None else steps)

    def compute_output_spec(self, like, steps=None):
        return keras.KerasTensor((None, self.length), dtype=self.compute_dtype)


@keras.saving.register_keras_serializable(package="indl_vae")
class JoinSegments(_Segmented):
    """Returns `(B, T, U)` of the segments `(B * S, L, U)`.

    Call arguments:
        segments: What `CutSegments` gave, with other features.
        like: `(B, T, ...)`, the sequences.
    """

    def call(self, segments, like):
        count = self._count(like)
        joined = ops.reshape(segments, (-1, count * self.length, segments.shape[-1]))
        return joined[:, : ops.shape(like)[1]]

    def compute_output_spec(self, segments, like):
        return keras.KerasTensor((*like.shape[:2], segments.shape[-1]), dtype=self.compute_dtype)


@keras.saving.register_keras_serializable(package="indl_vae")
class BySequence(_Segmented):
    """Returns what each segment has, `(B * S, ...)`, by sequence: `(B, S, ...)`.

    Call arguments:
        values: `(B * S, ...)`.
        like: `(B, T, ...)`, the sequences.
    """

    def call(self, values, like):
        return ops.reshape(values, (-1, self._count(like), *values.shape[1:]))

    def compute_output_spec(self, values, like):
        return keras.KerasTensor((like.shape[0], None, *values.shape[1:]), dtype=self.compute_dtype)


@keras.saving.register_keras_serializable(package="indl_vae")
class FoldSegments(keras.layers.Layer):
    """Returns what sequences have of each segment, `(B, S, D)`, with the segments in the batch axis: `(B * S, D)`."""

    def call(self, values):
        return ops.reshape(values, (-1, values.shape[-1]))

    def compute_output_spec(self, values):
        return keras.KerasTensor((None, values.shape[-1]), dtype=self.compute_dtype)
