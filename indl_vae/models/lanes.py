"""Steps over a batch that is cut into lanes: parts that are worked on side by side, one by each core.

XLA on a CPU runs the small products of a time loop on one core, and one loop after the other. Parts of the batch that
are compiled as programs of their own run at once, without waiting for one another within the loop. Losses, gradients
and scores are sums over trials, so a lane's are added to the others'; noise belongs to the row of the batch
(`layers.random`), so the number of lanes changes results by rounding alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

#: Fewer trials than this in a lane are not worth a core: the products get too small.
LEAST_TRIALS = 16

Batch = dict[str, Any]
Part = Callable[[Batch, tf.Tensor, Any], Any]


class Lanes:
    """Runs a function on all lanes of a batch at once and adds its results.

    Args:
        function: Takes a part of a batch, the index of its first trial and what belongs to the whole batch; returns a
            nest of tensors. It must not write variables, or the lanes would wait for one another.
        most: Largest number of lanes.
        join: Makes one tensor of those of the lanes; by default their sum, for sums over trials.
        least: Fewest trials in a lane.
    """

    def __init__(
        self,
        function: Part,
        most: int,
        join: Callable[[Sequence[Any]], Any] = tf.add_n,
        least: int = LEAST_TRIALS,
    ) -> None:
        self.most, self._join, self._least = most, join, least
        self._function = function
        self._compiled = tf.function(function, jit_compile=True, reduce_retracing=True, autograph=False)

    def __call__(self, batch: Batch, whole: Any) -> Any:
        """Returns what the lanes of a batch give, joined."""
        if self.most == 1:
            return self._function(batch, tf.constant(0), whole)
        n_trials = batch["x"].shape[0]
        if n_trials is not None:
            return self._run(batch, whole, max(1, min(self.most, n_trials // self._least)))
        many = tf.shape(batch["x"])[0] >= self.most * self._least
        return tf.cond(many, lambda: self._run(batch, whole, self.most), lambda: self._run(batch, whole, 1))

    def _run(self, batch: Batch, whole: Any, n_lanes: int) -> Any:
        n_trials = batch["x"].shape[0] or tf.shape(batch["x"])[0]
        bounds = [n_trials * lane // n_lanes for lane in range(n_lanes + 1)]
        parts = [
            self._compiled({k: v[first:last] for k, v in batch.items()}, tf.constant(0) + first, whole)
            for first, last in zip(bounds[:-1], bounds[1:], strict=True)
        ]
        return parts[0] if n_lanes == 1 else tf.nest.map_structure(self._joined, *parts)

    def _joined(self, *parts: tf.Tensor | None) -> tf.Tensor | None:
        return None if parts[0] is None else self._join(parts)
