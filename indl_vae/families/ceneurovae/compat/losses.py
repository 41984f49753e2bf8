"""The published reconstruction losses, from the densities that they belong to."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from indl_vae.builders import create_likelihood
from indl_vae.families.ceneurovae.compat.config import FACTORS
from indl_vae.models.objective import entry_nll


def masked_loss(reconstruction: Any, values: Any, mask: Any, kind: str = "mse") -> tf.Tensor:
    """Returns the mean of the squared error, or of Huber's loss (delta 1), over entries of mask 1; 0 without any.

    It is what the density of an entry lacks to that at its mode, so that there is one formula for each loss in the
    library.

    Args:
        reconstruction: `(..., N)`.
        values: The same shape; what has a mask of 0 plays no part, not even a NaN.
        mask: The same shape, of 0 and 1.
        kind: "mse" or "huber".
    """
    raw, values = tf.cast(reconstruction, tf.float32), tf.cast(values, tf.float32)
    likelihood = likelihood_for(kind, raw.shape[-1])
    counted = tf.cast(tf.cast(mask, tf.float32) > 0, tf.float32)
    lacking = entry_nll(likelihood, values, raw, counted) - entry_nll(likelihood, likelihood.mean(raw), raw, counted)
    return FACTORS[kind] * tf.reduce_sum(lacking) / tf.maximum(tf.reduce_sum(counted), 1.0)


def nll_at_mode(kind: str) -> float:
    """Returns the negative log-likelihood of an entry that is reconstructed exactly."""
    zero = tf.zeros((1, 1))
    return float(tf.squeeze(-likelihood_for(kind, 1).log_prob(zero, zero)))


def likelihood_for(kind: str, n_neurons: int) -> Any:
    """Returns the likelihood of a published loss, "mse" or "huber"."""
    name = "gaussian" if kind == "mse" else kind
    return create_likelihood({"likelihood": name, "gaussian_scale": "fixed", "huber_delta": 1.0}, n_neurons)
