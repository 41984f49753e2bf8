"""The likelihood of a trial as an output of a model's core, for a second reconstruction beside the loss's own."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.models.objective import entry_nll


@keras.saving.register_keras_serializable(package="indl_vae")
class Reconstruction(keras.layers.Layer):
    """Returns the negative log-likelihood of each trial in nats, `(B,)`, summed over its observed entries.

    Args:
        likelihood: Of the observations.
        heldout_bins: Bins at the end that are left out.

    Call arguments:
        x: `(B, T, N)`.
        raw: Likelihood parameters, `(B, T - heldout_bins, ...)`.
        observed: Optional `(B, T, N)`, 0 where an entry does not count.
    """

    def __init__(self, likelihood: Likelihood, heldout_bins: int = 0, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        likelihood = keras.saving.deserialize_keras_object(likelihood) if isinstance(likelihood, dict) else likelihood
        self.likelihood, self.heldout_bins = likelihood, int(heldout_bins)
        self.built = True

    def call(self, x, raw, observed=None):
        counted = tf.ones_like(x) if observed is None else tf.cast(observed > 0, tf.float32)
        if self.heldout_bins:
            x, counted = x[:, : -self.heldout_bins], counted[:, : -self.heldout_bins]
        return tf.reduce_sum(entry_nll(self.likelihood, x, raw, counted), axis=(1, 2))

    def compute_output_spec(self, x, raw, observed=None):
        return keras.KerasTensor((x.shape[0],), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        likelihood = keras.saving.serialize_keras_object(self.likelihood)
        return {**super().get_config(), "likelihood": likelihood, "heldout_bins": self.heldout_bins}
