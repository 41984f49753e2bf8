"""What acts while CeNeuroVAE is trained: free bits from an epoch on, and divergences that come in cycles."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.data.split import Split
from indl_vae.layers import LatentKL
from indl_vae.models.cyclical_beta import CyclicalBeta
from indl_vae.params import Params


class FreeBits(keras.callbacks.Callback):
    """Writes the free bits that hold in an epoch.

    Args:
        layer: Whose free bits they are.
        value: From `start` on, in nats a latent and bin.
        start: Epoch, counted from 1.
    """

    def __init__(self, layer: LatentKL, value: float, start: int) -> None:
        super().__init__()
        self.layer, self.value, self.start = layer, float(value), int(start)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.layer.free_bits.assign(self.value if epoch + 1 >= self.start else 0.0)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None and self.value:
            logs["free_bits_now"] = float(self.layer.free_bits)


class NeuronFeed:
    """Batches of whole trials, and what acts while training on them.

    Args:
        params: The parameters.
        divergence: The layer whose free bits are written.
    """

    def __init__(self, params: Params, divergence: LatentKL) -> None:
        self._params, self._divergence = params, divergence

    def training_batches(self, split: Split, settings: Params) -> tf.data.Dataset:
        """Returns batches of trials.

        Args:
            split: The training split.
            settings: Reads `batch_size`, `seed`, `sv_rate`, `sv_seed`.
        """
        return split.batches(
            settings.batch_size, seed=settings.seed, hidden_rate=settings.sv_rate, hidden_seed=settings.sv_seed
        )

    def callbacks(self, split: Split) -> list[keras.callbacks.Callback]:
        """Returns what has to act while training on the split."""
        params = self._params
        steps = max(1, -(-split.n_trials // params.batch_size))
        return [
            FreeBits(self._divergence, params.free_bits, params.free_bits_start),
            CyclicalBeta(params, params.n_epochs * steps),
        ]
