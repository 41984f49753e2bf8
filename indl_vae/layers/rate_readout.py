"""The read-out of a model, as its recurrence needs it to feed rates back."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.inference.rate_link import LINKS, RateLink


@keras.saving.register_keras_serializable(package="indl_vae")
class RateReadout(keras.layers.Layer):
    """Holds a dense read-out, shared with the model's output, and says what the mean observation is for factors.

    Args:
        dense: The read-out; the first N of its outputs are log-rates or means.
        n_channels: Number of channels N.
        link: "exp" for rates from log-rates (Poisson), "identity" for means (Gaussian).
        limits: Between which log-rates are kept, or None.

    Call arguments:
        factors: `(..., F)`.

    Returns:
        Mean observations `(..., N)`.

    Raises:
        ConfigError: The link is unknown, or the read-out has fewer outputs than channels.
    """

    def __init__(
        self,
        dense: keras.layers.Dense,
        n_channels: int,
        link: str = "exp",
        limits: tuple[float, float] | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if link not in LINKS:
            raise ConfigError(f"link of RateReadout: expected one of {LINKS}, got {link!r}.")
        if dense.units < n_channels:
            raise ConfigError(
                f"n_channels of RateReadout: expected at most the {dense.units} outputs of the read-out, got "
                f"{n_channels}."
            )
        self.dense, self.n_channels = dense, int(n_channels)
        self.link = RateLink(link, None if limits is None else (float(limits[0]), float(limits[1])))

    def build(self, input_shape) -> None:
        if not self.dense.built:
            self.dense.build(input_shape)
        super().build(input_shape)

    def call(self, factors):
        kernel, bias = self.loop_weights()
        return self.link.mean(ops.matmul(factors, kernel) + bias)

    def loop_weights(self) -> tuple:
        """Returns kernel `(F, N)` and bias `(N,)` of the rates, as tensors."""
        kernel, bias = ops.convert_to_tensor(self.dense.kernel), ops.convert_to_tensor(self.dense.bias)
        return kernel[:, : self.n_channels], bias[: self.n_channels]

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.n_channels)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "dense": keras.saving.serialize_keras_object(self.dense),
            "n_channels": self.n_channels,
            "link": self.link.kind,
            "limits": self.link.limits,
        }

    @classmethod
    def from_config(cls, config: dict) -> RateReadout:
        return cls(**{**config, "dense": keras.saving.deserialize_keras_object(config["dense"])})
