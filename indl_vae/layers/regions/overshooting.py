"""Predictions over several bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference.scale import log_normal
from indl_vae.layers.regions.predicted_path import predicted
from indl_vae.layers.regions.system_layer import SystemLayer, sum_of_bins


class Overshot(NamedTuple):
    """Predictions of a path from ever earlier bins.

    Attributes:
        paths: `(H * B, T, D)`: predictions 1, 2, ... H bins ahead, one after the other.
        cost: `(B,)`: minus the log-density of the path itself around them, in nats, summed over bins and averaged over
            H by the weights.
    """

    paths: tf.Tensor
    cost: tf.Tensor


def normalized(weights: Sequence[float]) -> list[float]:
    """Returns weights that add up to 1.

    Raises:
        ConfigError: There are none, or they add up to nothing.
    """
    if not weights or not sum(weights) > 0 or min(weights) < 0:
        raise ConfigError(f"weights: expected numbers from 0 up with a sum above 0, got {list(weights)}.")
    return [float(weight) / sum(weights) for weight in weights]


@keras.saving.register_keras_serializable(package="indl_vae")
class Overshooting(SystemLayer, keras.layers.Layer):
    """Predicts each bin from the one n bins earlier, `P_n = E f(P_n-1)`, `P_0` the path itself, without noise.

    The published code draws noise and scores fixed horizons with weights that do not add up to 1; here they do.

    Args:
        system: The generative model.
        weights: Of 1, 2, ... bins ahead.

    Call arguments:
        x: `(B, T, D)`: the path. In bins before the n-th, predictions begin at the first.
        state_probs: `(B, T, K)`.
        u: Optional `(B, T, U)`.
        steps: Optional `(B, T)`, 1 in bins of the trial.

    Returns:
        `Overshot`.

    Raises:
        ConfigError: The weights add up to nothing.
    """

    def __init__(self, system: Any, weights: Sequence[float] = (1.0,), **kwargs: Any) -> None:
        super().__init__(system, **kwargs)
        self.weights_ahead = normalized(weights)

    def call(self, x, state_probs, u=None, steps=None):
        paths, path, cost = [], x, 0.0
        for weight in self.weights_ahead:
            path = predicted(self.system, path, state_probs, u)
            density = log_normal(x[:, 1:] - path[:, 1:], self.system.noise.scale)
            cost = cost - weight * sum_of_bins(density, None if steps is None else steps[:, 1:])
            paths.append(path)
        return Overshot(tf.concat(paths, 0), cost)

    def compute_output_spec(self, x, state_probs, u=None, steps=None):
        make = lambda *shape: keras.KerasTensor(shape, dtype="float32")  # noqa: E731
        n = None if x.shape[0] is None else x.shape[0] * len(self.weights_ahead)
        return Overshot(make(n, *x.shape[1:]), make(x.shape[0]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weights": self.weights_ahead}


@keras.saving.register_keras_serializable(package="indl_vae")
class OvershootLoss(keras.layers.Layer):
    """Scores predictions over several bins against the data.

    Args:
        likelihood: Of the data; a layer of the model, whose weights are trained there.
        weights: Of 1, 2, ... H bins ahead.

    Call arguments:
        raw: `(H * B, T, M)`: parameters of the likelihood, of the predictions 1, 2, ... bins ahead.
        x: `(B, T, N)`.
        counted: `(B, T, N)`, 0 or False where an entry is not to be learnt from; or None.
        visible: Likewise.

    Returns:
        `(B,)`: minus the log-likelihood of all bins but the first, in nats, averaged over H by the weights.
    """

    def __init__(self, likelihood: Any, weights: Sequence[float] = (1.0,), **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.likelihood = (
            keras.saving.deserialize_keras_object(likelihood) if isinstance(likelihood, dict) else likelihood
        )
        self.weights_ahead = normalized(weights)
        self.built = True

    def call(self, raw, x, counted=None, visible=None):
        open_ = tf.ones_like(x) > 0
        for mask in (counted, visible):
            open_ = open_ if mask is None else open_ & (tf.cast(mask, tf.float32) > 0)
        x = tf.where(open_, x, 0.0)
        total = 0.0
        for weight, part in zip(self.weights_ahead, tf.split(raw, len(self.weights_ahead)), strict=True):
            values = tf.where(open_, -self.likelihood.log_prob(x, part), 0.0)
            total = total + weight * tf.reduce_sum(values[:, 1:], (1, 2))
        return total

    def compute_output_spec(self, raw, x, counted=None, visible=None):
        return keras.KerasTensor((x.shape[0],), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        likelihood = keras.saving.serialize_keras_object(self.likelihood)
        return {**super().get_config(), "likelihood": likelihood, "weights": self.weights_ahead}
