"""Training steps that are left out because their numbers are not finite."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import tensorflow as tf


class StepCounts(NamedTuple):
    """What became of the training steps so far.

    Attributes:
        steps: Steps of this epoch.
        skipped: Those of them that were skipped.
        in_a_row: Steps skipped up to now, one after the other, of earlier epochs too.
        last: Place in the epoch of the last one that was skipped, counted from 0; -1 for none.
    """

    steps: int = 0
    skipped: int = 0
    in_a_row: int = 0
    last: int = -1


class SkippedSteps:
    """Counts steps on the device, so that nothing waits for the host. It is no weight and is not saved with a model."""

    def __init__(self) -> None:
        first = tf.VariableAggregation.ONLY_FIRST_REPLICA
        self._counts = tf.Variable(StepCounts(), dtype=tf.int64, trainable=False, aggregation=first, name="step_counts")

    def record(self, finite: tf.Tensor) -> None:
        """Counts a step, which is skipped unless `finite`."""
        steps, skipped, in_a_row, last = tf.unstack(tf.convert_to_tensor(self._counts))
        bad = tf.cast(tf.logical_not(finite), tf.int64)
        self._counts.assign(tf.stack([steps + 1, skipped + bad, (in_a_row + 1) * bad, tf.where(finite, last, steps)]))

    def of_epoch(self) -> tf.Tensor:
        """Returns the number of steps skipped in this epoch, a scalar tensor."""
        return tf.cast(tf.convert_to_tensor(self._counts)[1], tf.float32)

    def read(self) -> StepCounts:
        """Returns the counts as numbers."""
        return StepCounts(*(int(count) for count in self._counts.numpy()))

    def begin_epoch(self) -> None:
        """Begins to count the steps of another epoch."""
        self.go_on_after(self.read().in_a_row)

    def go_on_after(self, in_a_row: int) -> None:
        """Begins an epoch before which so many steps were skipped one after the other."""
        self._counts.assign(StepCounts(in_a_row=in_a_row))


def all_finite(loss: tf.Tensor, gradients: list[tf.Tensor | None]) -> tf.Tensor:
    """Returns whether a loss and the norm of its gradient are finite.

    A norm that overflows leaves nothing to clip by, so such a gradient counts as not finite.
    """
    norm = tf.linalg.global_norm([gradient for gradient in gradients if gradient is not None])
    return tf.math.is_finite(loss) & tf.math.is_finite(norm)


def apply_if(finite: tf.Tensor, optimizer: keras.optimizers.Optimizer, gradients: list, weights: list) -> None:
    """Takes an optimizer step if `finite`; weights and what the optimizer holds stay as they are otherwise."""
    replica = tf.distribute.get_replica_context()
    if replica is not None and replica.num_replicas_in_sync > 1:
        _apply_and_undo(replica, finite, optimizer, gradients, weights)
        return

    def apply() -> tf.Tensor:
        optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return tf.constant(True)

    tf.cond(finite, apply, lambda: tf.constant(False))


def _apply_and_undo(replica: Any, finite: tf.Tensor, optimizer: Any, gradients: list, weights: list) -> None:
    """The same on several devices: their optimizer steps meet, which no branch of a condition allows."""
    variables = [variable.value for variable in (*weights, *optimizer.variables)]
    before = [tf.convert_to_tensor(variable) for variable in variables]
    optimizer.apply_gradients(zip(gradients, weights, strict=True))

    def undo(strategy: tf.distribute.Strategy, finite: Any, *before: Any) -> None:
        put = lambda variable, finite, old: variable.assign(tf.where(finite, variable, old))  # noqa: E731
        for variable, old in zip(variables, before, strict=True):
            strategy.extended.update(variable, put, args=(finite, old), group=False)

    replica.merge_call(undo, args=(finite, *before))
