"""What a posterior over latents costs under a switching dynamical system, the discrete states summed out."""

from __future__ import annotations

from typing import NamedTuple

import keras
import tensorflow as tf

from indl_vae.inference.forward_backward import log_evidence
from indl_vae.inference.scale import Scale, entropy, log_normal
from indl_vae.inference.smoothed_states import smoothed_states
from indl_vae.layers.regions.system_layer import SystemLayer, sum_of_bins


class PathCost(NamedTuple):
    """A posterior's cost at one draw, and what the draw says of the discrete states.

    Attributes:
        kl: `(B,)`: minus the entropy in closed form, minus log p at the draw, in nats, summed over bins.
        log_ratio: `(B,)`: log q - log p at the draw.
        state_probs: `(B, T, K)`: p(z_t | the whole path).
    """

    kl: tf.Tensor
    log_ratio: tf.Tensor
    state_probs: tf.Tensor


@keras.saving.register_keras_serializable(package="indl_vae")
class PathKL(SystemLayer, keras.layers.Layer):
    """KL of `q(x) = prod_t N(m_t, S_t)`, one bin independent of the other, from p(x), summed over all state sequences.

    With the states summed out exactly there is no posterior over them to be learned (Dong et al. 2020).

    Args:
        system: The generative model.

    Call arguments:
        sample: `(B, T, D)`: a draw of q.
        loc: `(B, T, D)`: m.
        scale: Factors of S, `(B, T, D)` diagonal or `(B, T, D, D)` lower-triangular.
        u: Optional `(B, T, U)`: external input.
        steps: Optional `(B, T)`, 1 in bins of the trial.

    Returns:
        A `PathCost`.
    """

    def call(self, sample, loc, scale, u=None, steps=None, training=False):
        kept = self.system.dynamics.draw_kept() if training else None
        potentials = self.system(sample, u, kept)
        chain = *potentials, steps
        log_p, factor = log_evidence(*chain), Scale(scale, len(scale.shape) == 4)
        kl = -sum_of_bins(entropy(factor), steps) - log_p
        log_ratio = sum_of_bins(log_normal(sample - loc, factor), steps) - log_p
        return PathCost(kl, log_ratio, smoothed_states(*chain))

    def compute_output_spec(self, sample, loc, scale, u=None, steps=None, training=False):
        make = lambda *shape: keras.KerasTensor(shape, dtype="float32")  # noqa: E731
        n, length = loc.shape[:2]
        return PathCost(make(n), make(n), make(n, length, self.system.n_states))
