"""A term of the loss with a weight and a ramp that may change while training."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.models.metrics import MeanPerTrial, Sums

KINDS = ("kl", "l2", "other")


@keras.saving.register_keras_serializable(package="indl_vae")
class Term(keras.layers.Layer):
    """Weighs one term of the loss and reports it unweighted.

    The objective calls it, not the graph of layers: a second pass over the validation data (entries hidden from the
    encoders) must not count twice.

    Args:
        weight: Initial weight. The live value is the variable `weight_value`.
        kind: "kl", "l2" or "other": which ramp acts on it. The ramp's value is the variable `ramp`, 1 at the start.
        over_bins: Whether the value is a sum over bins, as a KL is; None: of a "kl".
        name: Name of the term and of its metric.

    Call arguments:
        value: `(B,)` or a scalar.

    Returns:
        The scalar `weight * ramp * mean(value)`. The metric, which `sums` feeds, holds the mean of `value` over trials.
    """

    def __init__(self, weight: float = 1.0, kind: str = "other", over_bins: bool | None = None, **kwargs) -> None:
        kwargs.setdefault("dtype", "float32")  # a divergence of some hundred nats has no digits left in half precision
        super().__init__(**kwargs)
        self.initial_weight, self.kind = float(weight), kind
        self.over_bins = kind == "kl" if over_bins is None else bool(over_bins)
        make = lambda value, name: self.add_weight(  # noqa: E731
            shape=(), trainable=False, name=name, initializer=keras.initializers.Constant(value), dtype="float32"
        )
        self.weight_value, self.ramp = make(weight, "weight"), make(1.0, "ramp")
        self.metric = MeanPerTrial(name=self.name)
        self.built = True

    def call(self, value):
        return self.weight_value * self.ramp * ops.mean(ops.cast(value, "float32"))

    def sums(self, value, trials) -> Sums:
        """Returns what the metric adds up, for a value of some trials."""
        return self.metric.sums(ops.mean(ops.cast(value, "float32")), trials)

    def get_config(self) -> dict:
        return {**super().get_config(), "weight": self.initial_weight, "kind": self.kind, "over_bins": self.over_bins}
