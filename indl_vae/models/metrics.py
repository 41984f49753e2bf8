"""Streaming metrics: exact over a whole epoch, not means of batch values."""

from __future__ import annotations

import math

import keras
import tensorflow as tf

from indl_vae.numerics import RATE_FLOOR


@keras.saving.register_keras_serializable(package="indl_vae")
class MeanPerEntry(keras.metrics.Metric):
    """Sum of values over all counted entries, divided by their number."""

    def __init__(self, name: str = "mean_per_entry", **kwargs) -> None:
        super().__init__(name=name, **kwargs)
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, values, counted) -> None:
        """Adds values `(B, T, N)` where `counted`, same shape, is 1."""
        self.total.assign_add(tf.reduce_sum(values * counted))
        self.count.assign_add(tf.reduce_sum(counted))

    def result(self):
        return tf.math.divide_no_nan(self.total.value, self.count.value)


@keras.saving.register_keras_serializable(package="indl_vae")
class BitsPerSpike(keras.metrics.Metric):
    """Gain over each channel's mean count, in bits per spike (as in the Neural Latents Benchmark).

    `(NLL_null - NLL_model) / spikes / log 2`, Poisson, where the null rates are the means of the very data that are
    scored; since those are constant, sums per channel suffice and no second pass is needed. NaN without a spike.

    Args:
        n_channels: Number of channels N.
    """

    def __init__(self, n_channels: int, name: str = "bits_per_spike", **kwargs) -> None:
        super().__init__(name=name, **kwargs)
        self.n_channels = int(n_channels)
        self.spikes = self.add_variable((self.n_channels,), "zeros", name="spikes")
        self.entries = self.add_variable((self.n_channels,), "zeros", name="entries")
        self.model = self.add_variable((), "zeros", name="model")

    def update_state(self, counts, rates, counted) -> None:
        """Adds counts and expected counts, `(B, T, N)` each, where `counted` is 1."""
        rates = tf.maximum(rates, RATE_FLOOR)
        self.model.assign_add(tf.reduce_sum((rates - counts * tf.math.log(rates)) * counted))
        self.spikes.assign_add(tf.reduce_sum(counts * counted, (0, 1)))
        self.entries.assign_add(tf.reduce_sum(counted, (0, 1)))

    def result(self):
        null_rates = tf.maximum(tf.math.divide_no_nan(self.spikes.value, self.entries.value), RATE_FLOOR)
        null = tf.reduce_sum(self.entries * null_rates - self.spikes * tf.math.log(null_rates))
        n_spikes = tf.reduce_sum(self.spikes.value)
        return tf.where(n_spikes > 0.0, (null - self.model) / (n_spikes * math.log(2.0)), math.nan)

    def get_config(self) -> dict:
        return {**super().get_config(), "n_channels": self.n_channels}


@keras.saving.register_keras_serializable(package="indl_vae")
class FlatR2(keras.metrics.Metric):
    """Share of the variance of the true values that the estimates explain, over all counted entries together.

    NaN where the truth does not vary.
    """

    def __init__(self, name: str = "r2", **kwargs) -> None:
        super().__init__(name=name, **kwargs)
        self.count, self.truth_sum, self.truth_squares, self.error = (
            self.add_variable((), "zeros", name=part) for part in ("count", "truth_sum", "truth_squares", "error")
        )

    def update_state(self, truth, estimate, counted) -> None:
        """Adds true and estimated values, `(B, T, N)` each, where `counted` is 1."""
        self.count.assign_add(tf.reduce_sum(counted))
        self.truth_sum.assign_add(tf.reduce_sum(truth * counted))
        self.truth_squares.assign_add(tf.reduce_sum(truth**2 * counted))
        self.error.assign_add(tf.reduce_sum((truth - estimate) ** 2 * counted))

    def result(self):
        variance = self.truth_squares - tf.math.divide_no_nan(self.truth_sum.value**2, self.count.value)
        return tf.where(variance > 0.0, 1.0 - self.error / variance, math.nan)
