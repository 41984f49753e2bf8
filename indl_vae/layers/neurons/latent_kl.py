"""The divergence of a latent from its prior, latent by latent."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import ops

from indl_vae.errors import ConfigError

REDUCTIONS = ("sum", "mean")


class Divergences(NamedTuple):
    """Divergences of trials in nats.

    Attributes:
        total: `(B,)`: KL(q | p) of the trial, the sum over bins and latents.
        cost: `(B,)`: what the loss counts: the total, or with "mean" the mean over bins and latents.
        free: `(B,)`: what free bits add to the cost, in the same reduction.
        per_latent: `(B, L)`: mean over bins of each latent's divergence.
    """

    total: Any
    cost: Any
    free: Any
    per_latent: Any


@keras.saving.register_keras_serializable(package="indl_vae")
class LatentKL(keras.layers.Layer):
    """What the loss counts of each latent's divergence from its prior, with free bits.

    Free bits (Kingma et al. 2016) put `max(kl, tau)` in place of each latent's divergence kl, its mean over the trial's
    bins: below tau nothing is gained by saying less. What that adds to the divergence is put out apart.

    Args:
        free_bits: tau in nats, at least 0.
        reduction: "sum", so that the cost belongs to a bound of the evidence, or "mean" over bins and latents.

    Call arguments:
        summed: `(B, L)`: divergences of latents, summed over bins, as `Prior.kl_per_latent` has them.
        loc: `(B, T, L)` or, of a latent that the trial has once, `(B, L)`: for its shape.
        steps: Optional `(B, T)`, 1 in bins of the trial.

    Attributes:
        free_bits: tau, a variable, which may change while training.

    Returns:
        `Divergences`.

    Raises:
        ConfigError: An option is out of range.
    """

    def __init__(self, free_bits: float = 0.0, reduction: str = "sum", **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        if free_bits < 0 or reduction not in REDUCTIONS:
            raise ConfigError(
                f"LatentKL: expected free bits of at least 0 and one of {REDUCTIONS}, got {free_bits} and "
                f"{reduction!r}."
            )
        self.initial_free_bits, self.reduction = float(free_bits), reduction
        start = keras.initializers.Constant(self.initial_free_bits)
        self.free_bits = self.add_weight(shape=(), initializer=start, trainable=False, name="free_bits")
        self.built = True

    def call(self, summed, loc, steps=None):
        bins = self._bins(loc, steps)
        per_latent = summed / bins
        free = ops.maximum(self.free_bits - per_latent, 0.0)
        reduce, factor = (ops.mean, 1.0) if self.reduction == "mean" else (ops.sum, bins)
        return Divergences(
            ops.sum(summed, axis=-1), reduce(per_latent * factor, -1), reduce(free * factor, -1), per_latent
        )

    def _bins(self, loc, steps):
        """Returns the bins of a trial, a number or `(B, 1)`."""
        if len(loc.shape) == 2:
            return 1.0
        if steps is None:
            return ops.cast(ops.shape(loc)[1], "float32")
        return ops.maximum(ops.sum(ops.cast(steps, "float32"), axis=1, keepdims=True), 1.0)

    def compute_output_spec(self, summed, loc, steps=None):
        number = lambda: keras.KerasTensor((summed.shape[0],), dtype="float32")  # noqa: E731
        return Divergences(number(), number(), number(), keras.KerasTensor(summed.shape, dtype="float32"))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "free_bits": self.initial_free_bits, "reduction": self.reduction}
