"""From one state for each bin and one vector for each neuron to the neurons' values, linearly in the state."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class IdentityReadOut(keras.layers.Layer):
    """`h_t' C e_n + c' e_n + d` for every bin t and neuron n: loadings and offset of a neuron follow from its identity.

    Args:
        outputs: Values for each neuron and bin.
        constant: Further values for each neuron, the same in all bins, from e_n alone.
        seed: Of the initial weights.

    Call arguments:
        states: `(B, T, H)`.
        codes: `(B, N, E)`.

    Returns:
        `(B, T, N (outputs + constant))`, in chunks: all neurons' first values, then their second, ...

    Raises:
        ConfigError: `outputs` is below 1, or `constant` below 0.
    """

    def __init__(self, outputs: int = 1, constant: int = 0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if int(outputs) < 1 or int(constant) < 0:
            raise ConfigError(
                f"IdentityReadOut: expected at least 1 output and no negative number of constants, got {outputs} and "
                f"{constant}."
            )
        self.outputs, self.constant, self.seed = int(outputs), int(constant), seed

    def build(self, states_shape, codes_shape):
        self.width, dim = states_shape[-1], codes_shape[-1]
        own = self.outputs + self.constant
        self.loadings = self._weight("loadings", (dim, self.outputs * self.width), (dim * self.width) ** -0.5)
        self.offsets = self._weight("offsets", (dim, own), 0.1 * dim**-0.5)
        self.bias = self.add_weight(shape=(own,), initializer="zeros", name="bias")
        self.built = True

    def _weight(self, name: str, shape: tuple[int, int], deviation: float) -> Any:
        start = keras.initializers.RandomNormal(0.0, deviation, derive_seed(self.seed or 0, name))
        return self.add_weight(shape=shape, initializer=start, name=name)

    def call(self, states, codes):
        loadings = ops.split(ops.matmul(codes, self.loadings), self.outputs, axis=-1)
        own = ops.transpose(ops.matmul(codes, self.offsets) + self.bias, (0, 2, 1))
        chunks = [ops.matmul(states, ops.transpose(one, (0, 2, 1))) + own[:, i, None] for i, one in enumerate(loadings)]
        chunks += [ops.broadcast_to(own[:, i, None], ops.shape(chunks[0])) for i in range(self.outputs, own.shape[1])]
        return chunks[0] if len(chunks) == 1 else ops.concatenate(chunks, axis=-1)

    def compute_output_spec(self, states, codes):
        wide = None if codes.shape[1] is None else codes.shape[1] * (self.outputs + self.constant)
        return keras.KerasTensor((*states.shape[:2], wide), dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        names = ("outputs", "constant", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
