"""Which entries an encoder of neurons sees."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.random import bernoulli
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class HiddenNeurons(Seeded, keras.layers.Layer):
    """Returns 1 for entries that the encoder sees: observed, visible, not held out, and not hidden for training.

    What is hidden is scored all the same, so that the model learns to tell neurons that were not recorded. Nothing is
    scaled up: pooling over neurons divides by how many it saw.

    Args:
        rate: Share of neurons that a training step hides, each trial others, in [0, 1).
        heldout: Numbers of channels that are always hidden.
        heldout_bins: Bins at the end that are always hidden.
        seed: Of the draws.

    Call arguments:
        x: `(B, T, N)`, for its shape.
        observed: Optional `(B, T, N)`, 1 where there are data.
        visible: Optional `(B, T, N)`, 0 where hidden from the encoder.

    Returns:
        `(B, T, N)` of 0 and 1.

    Raises:
        ConfigError: The rate is out of range.
    """

    def __init__(
        self, rate: float = 0.0, heldout: Sequence[int] = (), heldout_bins: int = 0, seed: int | None = None, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= rate < 1.0:
            raise ConfigError(f"HiddenNeurons: expected a rate in [0, 1), got {rate}.")
        self.rate, self.heldout, self.seed = float(rate), tuple(int(one) for one in heldout), seed
        self.heldout_bins = int(heldout_bins)
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, x, observed=None, visible=None, training=False):
        seen = ops.ones_like(x)
        for given in (observed, visible):
            if given is not None:
                seen = seen * ops.cast(given, seen.dtype)
        if self.heldout:
            shown = [0.0 if n in self.heldout else 1.0 for n in range(x.shape[-1])]
            seen = seen * ops.convert_to_tensor(shown, seen.dtype)
        if self.heldout_bins:
            bins = ops.shape(x)[1]
            seen = seen * ops.cast(ops.arange(bins) < bins - self.heldout_bins, seen.dtype)[:, None]
        if training and self.rate:
            shape = ops.shape(x)
            kept = bernoulli((shape[0], 1, shape[2]), 1.0 - self.rate, self.generator)
            seen = ops.where(kept, seen, ops.zeros_like(seen))
        return seen

    def compute_output_spec(self, x, observed=None, visible=None, training=False):
        return keras.KerasTensor(x.shape, dtype=self.compute_dtype)

    def get_config(self) -> dict:
        names = ("rate", "heldout", "heldout_bins", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
