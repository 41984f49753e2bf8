"""What acts while CeNeuroVAE is trained: free bits from an epoch on, and divergences that come in cycles."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.layers import LatentKL


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
