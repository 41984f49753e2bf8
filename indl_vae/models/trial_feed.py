"""Batches of whole trials, for families that something acts on while training."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from indl_vae.data.split import Split
from indl_vae.params import Params


class TrialFeed:
    """Batches of whole trials, none smaller than another, and what acts while training on them.

    Args:
        params: Reads `batch_size` and `n_epochs`.
        acting: From the number of training steps of the first stage to the callbacks.
    """

    def __init__(self, params: Params, acting: Callable[[int], list[keras.callbacks.Callback]]) -> None:
        self._params, self._acting = params, acting

    def training_batches(self, split: Split, settings: Params) -> tf.data.Dataset:
        """Returns batches of trials.

        Args:
            split: The training split.
            settings: Reads `batch_size`, `seed`, `sv_rate`, `sv_seed`.
        """
        return split.batches(
            settings.batch_size,
            seed=settings.seed,
            drop_remainder=split.n_trials >= settings.batch_size,
            hidden_rate=settings.sv_rate,
            hidden_seed=settings.sv_seed,
        )

    def callbacks(self, split: Split) -> list[keras.callbacks.Callback]:
        """Returns what has to act while training on the split."""
        steps = max(1, split.n_trials // self._params.batch_size)
        return self._acting(self._params.n_epochs * steps)
