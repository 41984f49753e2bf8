"""The discrete states along a path of the latents."""

from __future__ import annotations

from typing import NamedTuple

import keras
import tensorflow as tf

from indl_vae.inference.smoothed_states import smoothed_states
from indl_vae.layers.regions.system_layer import SystemLayer, sum_of_bins

#: Least probability in a cross-entropy.
_LEAST = 1e-6


class States(NamedTuple):
    """What a path says of the discrete states.

    Attributes:
        probs: `(B, T, K)`: p(z_t | x_0 .. x_T-1).
        imbalance: `(B,)`: cross-entropy of equal shares with these probabilities, less log K, in nats, summed over
            bins: 0 where all states are equally probable throughout.
    """

    probs: tf.Tensor
    imbalance: tf.Tensor


@keras.saving.register_keras_serializable(package="indl_vae")
class StatePath(SystemLayer, keras.layers.Layer):
    """Posterior of the discrete states given a whole path of the latents (forward-backward).

    The imbalance is the term that keeps states in use in Dong et al. (2020), their eq. 10, with an equal prior.

    Args:
        system: The generative model.

    Call arguments:
        x: `(B, T, D)`.
        u: Optional `(B, T, U)`.
        steps: Optional `(B, T)`, 1 in bins of the trial.

    Returns:
        `States`.
    """

    def call(self, x, u=None, steps=None):
        potentials = self.system(x, u)
        probs = smoothed_states(*potentials, steps)
        cross = -tf.reduce_mean(tf.math.log(tf.maximum(probs, _LEAST)), -1)
        return States(probs, sum_of_bins(cross - tf.math.log(float(self.system.n_states)), steps))

    def compute_output_spec(self, x, u=None, steps=None):
        make = lambda *shape: keras.KerasTensor(shape, dtype="float32")  # noqa: E731
        return States(make(*x.shape[:2], self.system.n_states), make(x.shape[0]))
