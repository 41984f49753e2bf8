"""From the read-out of the factors to the rates that LFADS may feed back, with the slope for the backward pass."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

LINKS = ("exp", "identity")


class RateLink(NamedTuple):
    """The mean of an observation as a function of its read-out.

    Attributes:
        kind: "exp" (Poisson) or "identity" (Gaussian).
        limits: Between which the read-out is kept before "exp", or None. Beyond them the slope is that of the nearest
            value within, not 0, as in the likelihood.
    """

    kind: str = "exp"
    limits: tuple[float, float] | None = None

    def mean(self, readout: tf.Tensor) -> tf.Tensor:
        """Returns the means, for loops that TensorFlow differentiates too."""
        if self.kind == "identity":
            return readout

        @tf.custom_gradient
        def rate(value: tf.Tensor):
            rates = self._exp(value)
            return rates, lambda upstream: upstream * rates

        return rate(readout)

    def slope(self, readout: tf.Tensor) -> tf.Tensor:
        """Returns the derivative of `mean`."""
        return tf.ones_like(readout) if self.kind == "identity" else self._exp(readout)

    def _exp(self, readout: tf.Tensor) -> tf.Tensor:
        return tf.exp(readout if self.limits is None else tf.clip_by_value(readout, *self.limits))
