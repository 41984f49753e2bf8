"""How encoded states differ from generated ones."""

from __future__ import annotations

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="indl_vae")
class PathDistance(keras.layers.Layer):
    """Returns the squared distance of two paths from their second bin on, summed over bins and states, `(B,)`.

    Call arguments:
        encoded: `(B, T', K)`.
        generated: `(B, T, M)`, T at least T' and M at least K; the first K states of the first T' bins are compared.
        steps: Optional `(B, T')`, 0 where a bin does not count.
    """

    def call(self, encoded, generated, steps=None):
        bins, width = tf.shape(encoded)[1], encoded.shape[-1]
        squares = tf.reduce_sum(tf.square(encoded - generated[:, :bins, :width]), -1)
        counted = squares if steps is None else tf.where(steps > 0, squares, 0.0)
        return tf.reduce_sum(counted[:, 1:], 1)

    def compute_output_spec(self, encoded, generated, steps=None):
        return keras.KerasTensor((encoded.shape[0],), dtype=self.compute_dtype)


@keras.saving.register_keras_serializable(package="indl_vae")
class LogStdSum(keras.layers.Layer):
    """Returns minus the sum over bins and latents of log-deviations, `(B,)`: minus an entropy, up to a constant.

    Call arguments:
        scale: `(B, T, K)`.
        steps: Optional `(B, T)`, 0 where a bin does not count.
    """

    def call(self, scale, steps=None):
        logs = -tf.reduce_sum(tf.math.log(scale), -1)
        return tf.reduce_sum(logs if steps is None else tf.where(steps > 0, logs, 0.0), 1)

    def compute_output_spec(self, scale, steps=None):
        return keras.KerasTensor((scale.shape[0],), dtype=self.compute_dtype)
