"""What every likelihood of the observations has in common."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.errors import ConfigError
from indl_vae.registry import Registry

tfd = tfp.distributions

#: Likelihoods by name.
LIKELIHOODS = Registry("likelihood")


class Likelihood(keras.layers.Layer, abc.ABC):
    """The distribution of one entry of the data given the model's raw output, as a layer.

    A dense layer makes the pre-activations, `n_channels * params_per_channel` wide; `call` turns them into `raw`, and
    everything else is a pure function of `raw`: what a channel's own weight adds is appended there. Parameters lie in
    chunks along the last axis, `[all of the first | all of the second | ...]`.

    Subclasses write `_distribution`, register themselves in `LIKELIHOODS`, and keep `log_prob` and its gradient finite
    at 0, which callers put in place of missing entries.

    Args:
        n_channels: Number of channels N.

    Attributes:
        support: What the data may be: "counts", "real", "binary", "positive", "nonnegative" or "levels".
        params_per_channel: Pre-activations a channel needs.
        raw_per_channel: Columns of `raw` a channel has.
    """

    support: str = "real"
    params_per_channel: int = 1

    def __init__(self, n_channels: int, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")  # log-densities lose their digits in half precision
        super().__init__(**kwargs)
        if int(n_channels) < 1:
            raise ConfigError(f"{type(self).__name__}: `n_channels` must be at least 1, got {n_channels}.")
        self.n_channels = int(n_channels)
        self.built = True

    @property
    def raw_per_channel(self) -> int:
        """Columns of `raw` a channel has; more than `params_per_channel` where a channel's own weight is appended."""
        return self.params_per_channel

    def call(self, pre: tf.Tensor) -> tf.Tensor:
        """Returns `raw`, `(..., N * raw_per_channel)`, of pre-activations `(..., N * params_per_channel)`.

        Raises:
            ConfigError: The last axis has another width.
        """
        self._check_width("the pre-activations", pre, self.params_per_channel)
        return self._to_raw(pre)

    def distribution(self, raw: tf.Tensor | Mapping[str, tf.Tensor]) -> tfd.Distribution:
        """Returns the distribution of the entries, batch `(B, T, N)` and event `()`.

        Args:
            raw: `(B, T, N * raw_per_channel)`, or a model's output dict that holds it under "raw".

        Raises:
            ConfigError: The last axis has another width, or the dict has no "raw".
        """
        return self._distribution(*self._parameters(raw))

    def log_prob(self, x: tf.Tensor, raw: tf.Tensor | Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Returns the log-density of each entry in nats, `(B, T, N)`; `x` must be finite."""
        return self.distribution(raw).log_prob(tf.cast(x, tf.float32))

    def mean(self, raw: tf.Tensor | Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Returns the expected value of each entry, `(B, T, N)`: for counts the expected count per bin."""
        return self.distribution(raw).mean()

    def sample(self, raw: tf.Tensor | Mapping[str, tf.Tensor], seed: int | tf.Tensor) -> tf.Tensor:
        """Returns one draw of each entry, `(B, T, N)` float32, a function of `seed`."""
        return tf.cast(self.distribution(raw).sample(seed=stateless_seed(seed)), tf.float32)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "n_channels": self.n_channels}

    @abc.abstractmethod
    def _distribution(self, *parameters: tf.Tensor) -> tfd.Distribution:
        """Returns the distribution for the chunks of `raw`, each `(B, T, N)`."""

    def _to_raw(self, pre: tf.Tensor) -> tf.Tensor:
        return pre

    def _append(self, pre: tf.Tensor, weight: Any) -> tf.Tensor:
        """Appends a channel's weight `(N,)` to the pre-activations as one more chunk, or `(K, N)` as K chunks."""
        flat = tf.reshape(tf.convert_to_tensor(weight), [-1])
        shape = tf.concat([tf.shape(pre)[:-1], [flat.shape[0]]], axis=0)
        return tf.concat([pre, tf.broadcast_to(flat, shape)], axis=-1)

    def _parameters(self, raw: tf.Tensor | Mapping[str, tf.Tensor]) -> list[tf.Tensor]:
        if isinstance(raw, Mapping):
            if "raw" not in raw:
                raise ConfigError(
                    f"{type(self).__name__}: the outputs must have the key 'raw', they have {sorted(raw)}."
                )
            raw = raw["raw"]
        raw = tf.cast(raw, tf.float32)
        self._check_width("raw", raw, self.raw_per_channel)
        return tf.split(raw, self.raw_per_channel, axis=-1)

    def _check_width(self, name: str, tensor: tf.Tensor, per_channel: int) -> None:
        expected = self.n_channels * per_channel
        if tensor.shape[-1] != expected:
            raise ConfigError(
                f"{type(self).__name__}: the last axis of {name} must have {expected} columns "
                f"({self.n_channels} channels x {per_channel}), but the shape is {tuple(tensor.shape)}."
            )


def stateless_seed(seed: int | tf.Tensor) -> tf.Tensor:
    """Returns the seed pair from which TFP draws without a state of its own."""
    return tf.convert_to_tensor([seed, 0], tf.int32)
