"""What layers have in common that are made around a switching dynamical system."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.layers.regions.switching_dynamics import SwitchingDynamics


class SystemLayer:
    """A layer with a generative model, in single precision as the model is, that is saved with it.

    Args:
        system: The generative model.
    """

    def __init__(self, system: SwitchingDynamics, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.system = keras.saving.deserialize_keras_object(system) if isinstance(system, dict) else system
        self.built = True

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "system": keras.saving.serialize_keras_object(self.system)}


def sum_of_bins(terms: tf.Tensor, steps: Any) -> tf.Tensor:
    """Returns sums `(B,)` over the bins of the trial of terms `(B, T)`; what stands in the padding is not looked at."""
    return tf.reduce_sum(terms if steps is None else tf.where(steps > 0, terms, 0.0), 1)
