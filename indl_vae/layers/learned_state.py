"""A learned vector for every trial alike."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class LearnedState(keras.layers.Layer):
    """Returns one learned vector, 0 at the start, for each trial: `(B, units)`.

    In place of a static latent it is the generator's initial state, the same for all trials (LFADS with `ic_dim` 0).

    Args:
        units: Width of the vector.

    Call arguments:
        like: `(B, ...)`; only the number of trials is read.
    """

    def __init__(self, units: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.units = int(units)

    def build(self, input_shape) -> None:
        self.state = self.add_weight(shape=(1, self.units), initializer="zeros", name="state")
        super().build(input_shape)

    def call(self, like):
        return ops.tile(ops.convert_to_tensor(self.state), (ops.shape(like)[0], 1))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)

    def get_config(self) -> dict:
        return {**super().get_config(), "units": self.units}
