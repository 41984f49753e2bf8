"""How much the inferred inputs of a trial run in parallel."""

from __future__ import annotations

import itertools

import keras
from keras import ops

from indl_vae.errors import ConfigError


@keras.saving.register_keras_serializable(package="indl_vae")
class MeanCorrelation(keras.layers.Layer):
    """Returns, for each trial, the mean over pairs i < j of `(sum_t mu_i,t mu_j,t)^2 / 2`.

    The penalty of LFADS on inferred inputs that run in parallel (`co_mean_corr_scale`).

    Call arguments:
        means: `(B, T, Z)`, Z at least 2.
        counted: Optional `(B, T)`; bins that are 0 there are left out.

    Returns:
        `(B,)`, float32.

    Raises:
        ConfigError: There is no pair.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})  # fourth powers have no digits left in half precision

    def build(self, means_shape, counted_shape=None) -> None:
        if means_shape[-1] < 2:
            raise ConfigError(
                f"MeanCorrelation: expected at least 2 inferred inputs, got {means_shape[-1]}, which have no pair."
            )
        super().build(means_shape)

    def call(self, means, counted=None):
        if counted is not None:
            means = ops.where(counted[..., None] > 0, means, ops.zeros_like(means))
        products = ops.matmul(ops.transpose(means, (0, 2, 1)), means)
        pairs = list(itertools.combinations(range(means.shape[-1]), 2))
        return 0.5 * sum(ops.square(products[:, i, j]) for i, j in pairs) / len(pairs)

    def compute_output_spec(self, means, counted=None):
        return keras.KerasTensor((means.shape[0],), dtype=self.compute_dtype)
