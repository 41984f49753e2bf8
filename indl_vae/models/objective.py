"""The reconstruction term: pure functions of data, raw likelihood parameters and masks."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from indl_vae.distributions.likelihoods import Likelihood


def entry_nll(likelihood: Likelihood, x: tf.Tensor, raw: tf.Tensor, counted: tf.Tensor, **options: Any) -> tf.Tensor:
    """Returns the negative log-likelihood of each entry in nats, `(B, T, N)`, 0 where not `counted`.

    What stands in entries that are not counted is replaced before it enters, so that not even its gradient is felt.
    """
    x = tf.where(counted > 0, x, tf.zeros_like(x))
    return tf.where(counted > 0, -likelihood.log_prob(x, raw, **options), tf.zeros_like(x))


def gate_gradient(values: tf.Tensor, open_: tf.Tensor) -> tf.Tensor:
    """Lets the gradient through where `open_` (boolean) alone; the values stay as they are (coordinated dropout)."""
    return tf.where(open_, values, tf.stop_gradient(values))


def reduce_nll(values: tf.Tensor, counted: tf.Tensor, reduction: str) -> tf.Tensor:
    """Reduces entries `(B, T, N)` to the loss.

    "sum": over bins and channels, mean over trials; with weights of 1 the loss is then minus the ELBO. "mean": over all
    counted entries (AutoLFADS, lfads-torch).
    """
    total = tf.reduce_sum(values)
    if reduction == "mean":
        return tf.math.divide_no_nan(total, tf.reduce_sum(counted))
    return total / tf.cast(tf.shape(values)[0], values.dtype)


def half_mean_square(kernels: list[tf.Tensor], n_elements: int) -> tf.Tensor:
    """Returns half the sum of squares of some kernels over the number of elements of all penalised (LFADS's L2)."""
    return 0.5 * tf.add_n([tf.reduce_sum(tf.square(tf.cast(k, tf.float32))) for k in kernels]) / float(n_elements)
