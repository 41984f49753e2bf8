"""How much regions tell one another."""

from __future__ import annotations

import keras
import tensorflow as tf

from indl_vae.layers.regions.system_layer import SystemLayer, sum_of_bins

#: Added to squared lengths, so that a message of 0 has a gradient.
_LEAST = 1e-12


@keras.saving.register_keras_serializable(package="indl_vae")
class MessageSize(SystemLayer, keras.layers.Layer):
    """Sum of the lengths of all messages between different regions along a path.

    What a region's own dynamics and a message from another one add up to is all that data tell; where the regions'
    latents go together, one can take from the other. As a penalty, the sum chooses the split with the least said.

    Args:
        system: The generative model.

    Call arguments:
        x: `(B, T, D)`.
        state_probs: `(B, T, K)`: by which the messages of the discrete states are weighed.
        u: Optional `(B, T, U)`.
        steps: Optional `(B, T)`, 1 in bins of the trial.

    Returns:
        `(B,)`: the sum over bins and ordered pairs of regions; 0 with one region.
    """

    def call(self, x, state_probs, u=None, steps=None):
        step = self.system.dynamics(x[:, :-1], None if u is None else u[:, 1:])
        lengths = tf.sqrt(tf.reduce_sum(tf.square(step.messages), -1) + _LEAST)
        between = 1.0 - tf.eye(self.system.dynamics.n_regions, dtype=lengths.dtype)
        said = tf.reduce_sum(lengths * between, (-2, -1)) * state_probs[:, 1:]
        return sum_of_bins(tf.reduce_sum(said, -1), None if steps is None else steps[:, 1:])

    def compute_output_spec(self, x, state_probs, u=None, steps=None):
        return keras.KerasTensor((x.shape[0],), dtype="float32")
