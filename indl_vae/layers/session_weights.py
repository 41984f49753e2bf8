"""Weights of which every session has its own, of its own width, looked up for each trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf
from keras import ops


def stack_padded(weights: Sequence[Any], width: int, axis: int) -> tf.Tensor:
    """Returns the sessions' weights `(S, ...)`, each filled up with zeros to a common width on one axis."""
    filled = []
    for weight in weights:
        room = [[0, 0] for _ in weight.shape]
        room[axis][1] = width - weight.shape[axis]
        filled.append(ops.pad(ops.convert_to_tensor(weight), room))
    return ops.stack(filled)


def of_trials(stacked: tf.Tensor, session: Any | None, like: tf.Tensor) -> tf.Tensor:
    """Returns the weights of each trial, `(B, ...)`, from those of the sessions `(S, ...)`.

    Args:
        stacked: Of `stack_padded`.
        session: `(B,)` numbers of the trials' sessions; None where there is but one.
        like: `(B, ...)`, for the number of trials.
    """
    number = ops.zeros((ops.shape(like)[0],), "int32") if session is None else ops.cast(session, "int32")
    return ops.take(stacked, number, axis=0)
