"""The GRU cell of LFADS: reset gate before the recurrent product, state clipped."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.inference import loops
from indl_vae.inference.gru_step import gru_step, split_kernel
from indl_vae.layers.gru_initializers import GateBias, check_scale, kernel_initializer, scaled


@keras.saving.register_keras_serializable(package="indl_vae")
class ClippedGRUCell(keras.layers.Layer):
    """GRU cell whose state is clipped to +-`clip_value` after each update (LFADS; `GRUClip` in indl).

    `h' = clip(u h + (1 - u) c)`, `c = tanh(x W + (r h) U + b)`; gates in the order update, reset, candidate.

    Args:
        units: Width H of the state.
        clip_value: Limit of the state's absolute value; None or inf switch clipping off.
        gate_bias: "ones", "forget" or "zeros" (see `GateBias`).
        kernel_init: "lecun_normal" (1/sqrt of each kernel's rows) or "joint_normal" (1/sqrt of inputs + units).
        seed: Of the initial weights.
        input_scale, recurrent_scale: Factors of the initial input and recurrent kernel.
        scale_gates_only: Whether the two leave the candidate's columns as they are.

    Raises:
        ConfigError: If `units`, `clip_value` or a scale is not positive, or `gate_bias` unknown.
    """

    def __init__(
        self,
        units: int,
        clip_value: float | None = 5.0,
        gate_bias: str = "ones",
        kernel_init: str = "lecun_normal",
        seed: int | None = None,
        input_scale: float = 1.0,
        recurrent_scale: float = 1.0,
        scale_gates_only: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if int(units) <= 0:
            raise ConfigError(f"units of {type(self).__name__}: expected a positive integer, got {units!r}.")
        if clip_value is not None and not clip_value > 0:
            raise ConfigError(f"clip_value: expected a positive number, or None for no clipping, got {clip_value!r}.")
        self.units, self.clip_value = int(units), clip_value
        self.gate_bias, self.kernel_init, self.seed = gate_bias, kernel_init, seed
        self.input_scale = check_scale("input_scale", input_scale)
        self.recurrent_scale = check_scale("recurrent_scale", recurrent_scale)
        self.scale_gates_only = bool(scale_gates_only)
        self.bias_initializer = GateBias(gate_bias)
        self.state_size = self.output_size = self.units

    @property
    def clip(self) -> float | None:
        """The limit, None when there is none."""
        return None if self.clip_value is None or self.clip_value == float("inf") else float(self.clip_value)

    def build(self, input_shape) -> None:
        width = int(input_shape[-1])
        # a cell without inputs (an autonomous generator) has no input kernel: a weight of no rows cannot be saved
        self.kernel = self._add_kernel("kernel", width, width + self.units, self.input_scale) if width else None
        self.recurrent_kernel = self._add_kernel(
            "recurrent_kernel", self.units, width + self.units, self.recurrent_scale
        )
        self.bias = self.add_weight(shape=(3 * self.units,), name="bias", initializer=self.bias_initializer)
        super().build(input_shape)

    def _add_kernel(self, name: str, rows: int, joint_fan_in: int, scale: float):
        initializer = kernel_initializer(self.kernel_init, rows, joint_fan_in, self.seed, name)
        initializer = scaled(initializer, scale, self.scale_gates_only)
        return self.add_weight(shape=(rows, 3 * self.units), name=name, initializer=initializer)

    def call(self, inputs, states, training=False):
        state = states[0] if isinstance(states, (list, tuple)) else states
        bias, recurrent = ops.convert_to_tensor(self.bias), ops.convert_to_tensor(self.recurrent_kernel)
        new = gru_step(self.project(inputs), bias, state, *split_kernel(recurrent), self.clip).state
        return new, [new]

    def project(self, inputs, first: int = 0, last: int | None = None):
        """Returns `inputs @ kernel[first:last]`, `(..., 3H)`, for any number of steps at once; the bias comes later.

        Args:
            inputs: `(..., last - first)`, possibly of width 0.
            first, last: The rows of the input kernel that belong to these inputs; all by default.
        """
        return loops.product(inputs, self.input_kernel(first, last))

    def input_kernel(self, first: int = 0, last: int | None = None):
        """Returns rows of the input kernel as a tensor `(last - first, 3H)`; of no rows for a cell without inputs."""
        if self.kernel is None:
            return ops.zeros((0, 3 * self.units), dtype=self.compute_dtype)
        return ops.convert_to_tensor(self.kernel)[first:last]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype)]

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "units": self.units,
            "clip_value": self.clip_value,
            "gate_bias": self.gate_bias,
            "kernel_init": self.kernel_init,
            "seed": self.seed,
            "input_scale": self.input_scale,
            "recurrent_scale": self.recurrent_scale,
            "scale_gates_only": self.scale_gates_only,
        }
