"""A rate that may change while training, without the step being compiled anew."""

from __future__ import annotations

import keras


class LiveRate:
    """A mixin for layers with a rate: holds it in a variable that is no weight, so that it counts as no parameter.

    A saved model does not hold it: it is the rate that the layer is made with, which `set_live_values` keeps true.

    Attributes:
        rate_value: Its live value; None for a rate of 0, with which nothing is drawn.
    """

    rate_value: keras.Variable | None

    def hold_rate(self, rate: float) -> None:
        """Makes the variable, out of sight of Keras, which would make a weight of it."""
        variable = keras.Variable(float(rate), dtype="float32", trainable=False, name="rate") if rate else None
        self.__dict__["rate_value"] = variable
