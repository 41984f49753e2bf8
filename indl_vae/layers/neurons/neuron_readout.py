"""From one state for each bin and one vector for each neuron to the neurons' values."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.exact_gelu import exact_gelu
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class NeuronReadout(keras.layers.Layer):
    """`gain_n (w' gelu(U h_t + V e_n + b) + c) + bias_n` for every bin t and neuron n; gain and bias follow from e_n.

    That is a network on h_t and e_n side by side, whose first product is taken apart, so that nothing as wide as both
    of them is made for every entry.

    Args:
        units: Width of the hidden layer.
        outputs: Values for each neuron and bin; gain and bias are those of the first.
        constant: Further values for each neuron, the same in all bins, from e_n alone.
        seed: Of the initial weights.

    Call arguments:
        states: `(B, T, H)`.
        codes: `(B, N, E)`.

    Returns:
        `(B, T, N (outputs + constant))`, in chunks: all neurons' first values, then their second, ...

    Raises:
        ConfigError: A size is below 1, or `constant` below 0.
    """

    def __init__(
        self, units: int = 256, outputs: int = 1, constant: int = 0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if min(int(units), int(outputs)) < 1 or int(constant) < 0:
            raise ConfigError(
                f"NeuronReadout: expected sizes of at least 1 and no negative number of constants, got {units}, "
                f"{outputs} and {constant}."
            )
        self.units, self.outputs, self.constant, self.seed = int(units), int(outputs), int(constant), seed

    def build(self, states_shape, codes_shape):
        width, dim = states_shape[-1], codes_shape[-1]
        joined = 1.0 / (width + dim) ** 0.5  # the two halves of one matrix
        self.of_state = self._weight("of_state", (width, self.units), joined)
        self.of_code = self._weight("of_code", (dim, self.units), joined)
        self.bias = self._zeros("bias", self.units)
        self.kernel = self._weight("kernel", (self.units, self.outputs), self.units**-0.5)
        self.value_bias = self._zeros("value_bias", self.outputs)
        self.affine = self._weight("affine", (dim, 2 + self.constant), dim**-0.5)
        self.affine_bias = self._zeros("affine_bias", 2 + self.constant)
        self.built = True

    def _weight(self, name: str, shape: tuple[int, int], deviation: float) -> Any:
        start = keras.initializers.RandomNormal(0.0, deviation, derive_seed(self.seed or 0, name))
        return self.add_weight(shape=shape, initializer=start, name=name)

    def _zeros(self, name: str, size: int) -> Any:
        return self.add_weight(shape=(size,), initializer="zeros", name=name)

    def call(self, states, codes):
        of_code = ops.matmul(codes, self.of_code) + self.bias
        hidden = exact_gelu(ops.matmul(states, self.of_state)[:, :, None] + of_code[:, None])
        values = ops.matmul(hidden, self.kernel) + self.value_bias
        own = ops.matmul(codes, self.affine) + self.affine_bias
        first = values[..., 0] * own[:, None, :, 0] + own[:, None, :, 1]
        chunks = [first] + [values[..., i] for i in range(1, self.outputs)]
        chunks += [ops.broadcast_to(own[:, None, :, 2 + i], ops.shape(first)) for i in range(self.constant)]
        return chunks[0] if len(chunks) == 1 else ops.concatenate(chunks, axis=-1)

    def compute_output_spec(self, states, codes):
        wide = None if codes.shape[1] is None else codes.shape[1] * (self.outputs + self.constant)
        return keras.KerasTensor((*states.shape[:2], wide), dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        names = ("units", "outputs", "constant", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
