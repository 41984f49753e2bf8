"""What the dynamics make of the bin before."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.layers.regions.system_layer import SystemLayer


def predicted(system: Any, x: tf.Tensor, state_probs: tf.Tensor, u: Any = None) -> tf.Tensor:
    """Returns `sum_k p(z_t = k) f_k(x_t-1, u_t)` `(B, T, D)` of a path `(B, T, D)`; the first bin is that of the path.

    Args:
        system: The generative model.
        x: The path.
        state_probs: `(B, T, K)`: probabilities of the state of each bin, which the step into that bin is weighed by.
        u: Optional `(B, T, U)`.
    """
    means = system.dynamics.next_mean(x[:, :-1], None if u is None else u[:, 1:])
    later = tf.reduce_sum(state_probs[:, 1:, :, None] * means, 2)
    return tf.concat([x[:, :1], later], 1)


@keras.saving.register_keras_serializable(package="indl_vae")
class PredictedPath(SystemLayer, keras.layers.Layer):
    """The path that is predicted one bin ahead from a given one.

    Args:
        system: The generative model.

    Call arguments:
        x: `(B, T, D)`.
        state_probs: `(B, T, K)`.
        u: Optional `(B, T, U)`.

    Returns:
        `(B, T, D)`.
    """

    def call(self, x, state_probs, u=None):
        return predicted(self.system, x, state_probs, u)

    def compute_output_spec(self, x, state_probs, u=None):
        return keras.KerasTensor(x.shape, dtype="float32")
