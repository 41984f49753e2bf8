"""Streaming metrics: exact over a whole epoch, not means of batch values.

A metric is a function of sums over trials. `sums` computes those of some trials without touching the metric, so that
parts of a batch may be worked on at once; `add` adds them.
"""

from __future__ import annotations

import abc
import math

import keras
import tensorflow as tf

from indl_vae.numerics import RATE_FLOOR

Sums = tuple[tf.Tensor, ...]


class SumMetric(keras.metrics.Metric, abc.ABC):
    """A function of sums over trials.

    Args:
        shapes: Name and shape of each sum.
    """

    def __init__(self, shapes: dict[str, tuple[int, ...]], **kwargs) -> None:
        super().__init__(**kwargs)
        for part, shape in shapes.items():
            setattr(self, part, self.add_variable(shape, "zeros", name=part))
        self._parts = tuple(shapes)

    @abc.abstractmethod
    def sums(self, *values) -> Sums:
        """Returns the sums of some trials, in the order of `shapes`."""

    def add(self, sums: Sums) -> None:
        """Adds sums of further trials."""
        for part, value in zip(self._parts, sums, strict=True):
            getattr(self, part).assign_add(value)

    def update_state(self, *values) -> None:
        """Adds further trials; arguments as for `sums`."""
        self.add(self.sums(*values))


@keras.saving.register_keras_serializable(package="indl_vae")
class MeanPerEntry(SumMetric):
    """Sum of values over all counted entries, divided by their number."""

    def __init__(self, name: str = "mean_per_entry", **kwargs) -> None:
        super().__init__({"total": (), "count": ()}, name=name, **kwargs)

    def sums(self, values, counted) -> Sums:
        """Takes values `(B, T, N)`, which count where `counted`, same shape, is 1."""
        return tf.reduce_sum(values * counted), tf.reduce_sum(counted)

    def result(self):
        return tf.math.divide_no_nan(self.total.value, self.count.value)


@keras.saving.register_keras_serializable(package="indl_vae")
class MeanPerTrial(SumMetric):
    """Mean over trials."""

    def __init__(self, name: str = "mean_per_trial", **kwargs) -> None:
        super().__init__({"total": (), "count": ()}, name=name, **kwargs)

    def sums(self, mean, trials) -> Sums:
        """Takes the mean over some trials and their number."""
        trials = tf.cast(trials, tf.float32)
        return tf.cast(mean, tf.float32) * trials, trials

    def result(self):
        return tf.math.divide_no_nan(self.total.value, self.count.value)


@keras.saving.register_keras_serializable(package="indl_vae")
class BitsPerSpike(SumMetric):
    """Gain over each channel's mean count, in bits per spike (as in the Neural Latents Benchmark).

    `(NLL_null - NLL_model) / spikes / log 2`, Poisson, where the null rates are the means of the very data that are
    scored; since those are constant, sums per channel suffice and no second pass is needed. NaN without a spike.

    Args:
        n_channels: Number of channels N.
        n_sessions: Number of sessions whose channels are others each time.
    """

    def __init__(self, n_channels: int, n_sessions: int = 1, name: str = "bits_per_spike", **kwargs) -> None:
        self.n_channels, self.n_sessions = int(n_channels), int(n_sessions)
        shape = (self.n_sessions, self.n_channels)
        shapes = {"spikes": shape, "entries": shape, "model": ()}
        super().__init__(shapes, name=name, **kwargs)

    def sums(self, counts, rates, counted, session=None) -> Sums:
        """Takes counts and expected counts, `(B, T, N)` each, which count where `counted` is 1, and sessions `(B,)`."""
        rates = tf.maximum(rates, RATE_FLOOR)
        nll = tf.reduce_sum((rates - counts * tf.math.log(rates)) * counted)
        return self._of_sessions(counts * counted, session), self._of_sessions(counted, session), nll

    def _of_sessions(self, values, session):
        """Returns `(S, N)`, the sums over the trials of each session and over bins."""
        of_trials = tf.reduce_sum(values, 1)
        if session is None:
            return tf.reduce_sum(of_trials, 0, keepdims=True)
        return tf.math.unsorted_segment_sum(of_trials, tf.cast(session, tf.int32), self.n_sessions)

    def result(self):
        null_rates = tf.maximum(tf.math.divide_no_nan(self.spikes.value, self.entries.value), RATE_FLOOR)
        null = tf.reduce_sum(self.entries * null_rates - self.spikes * tf.math.log(null_rates))
        n_spikes = tf.reduce_sum(self.spikes.value)
        return tf.where(n_spikes > 0.0, (null - self.model) / (n_spikes * math.log(2.0)), math.nan)

    def get_config(self) -> dict:
        return {**super().get_config(), "n_channels": self.n_channels, "n_sessions": self.n_sessions}


@keras.saving.register_keras_serializable(package="indl_vae")
class FlatR2(SumMetric):
    """Share of the variance of the true values that the estimates explain, over all counted entries together.

    NaN where the truth does not vary.
    """

    def __init__(self, name: str = "r2", **kwargs) -> None:
        shapes = {part: () for part in ("count", "truth_sum", "truth_squares", "error")}
        super().__init__(shapes, name=name, **kwargs)

    def sums(self, truth, estimate, counted) -> Sums:
        """Takes true and estimated values, `(B, T, N)` each, which count where `counted` is 1."""
        truth_sum, truth_squares = tf.reduce_sum(truth * counted), tf.reduce_sum(truth**2 * counted)
        return tf.reduce_sum(counted), truth_sum, truth_squares, tf.reduce_sum((truth - estimate) ** 2 * counted)

    def result(self):
        variance = self.truth_squares - tf.math.divide_no_nan(self.truth_sum.value**2, self.count.value)
        return tf.where(variance > 0.0, 1.0 - self.error / variance, math.nan)
