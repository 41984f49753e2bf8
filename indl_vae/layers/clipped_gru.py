"""The clipped GRU over a sequence, by one of three routes with the same results."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.inference import loops
from indl_vae.inference.clipped_gru import clipped_gru
from indl_vae.inference.in_segments import in_segments
from indl_vae.layers.clipped_gru_cell import ClippedGRUCell

ROUTES = ("fused", "keras", "loop")


def check_route(route: str) -> str:
    """Returns `route`, or raises ConfigError when there is no such route."""
    if route not in ROUTES:
        raise ConfigError(f"route: expected one of {ROUTES}, got {route!r}.")
    return route


def check_remat(remat: int) -> int:
    """Returns `remat`, or raises ConfigError when it is no number of bins."""
    if int(remat) < 0:
        raise ConfigError(f"remat: expected a number of bins >= 0 (0 keeps everything), got {remat!r}.")
    return int(remat)


@keras.saving.register_keras_serializable(package="indl_vae")
class ClippedGRU(keras.layers.RNN):
    """`ClippedGRUCell` over time; usable inside `keras.layers.Bidirectional`.

    Args:
        units, clip_value, gate_bias, kernel_init, seed: Of `ClippedGRUCell`.
        gate_scale: Factor of the gates' initial weights, input and recurrent; the candidate's stay as they are.
        learn_initial_state: Whether the state before the first step is a weight `(1, H)`, 0 at the start.
        route: "fused": one loop with its own backward pass, for training. "keras": `keras.layers.RNN`, and "loop": the
            loop as TensorFlow differentiates it, to check and to measure against.
        remat: Bins of a segment that the backward pass computes again, to save memory; 0 keeps everything.
        **kwargs: `return_sequences`, `return_state`, `go_backwards`, `name`, ...

    Call arguments:
        sequences: `(B, T, D)`.
        initial_state: Optional `(B, H)` or a list of one.
        mask: Optional `(B, T)`; where false the state passes through a step unchanged.

    Returns:
        `(B, T, H)` with `return_sequences`, else the last state `(B, H)`.
    """

    def __init__(
        self,
        units: int,
        clip_value: float | None = 5.0,
        gate_bias: str = "ones",
        kernel_init: str = "lecun_normal",
        learn_initial_state: bool = False,
        route: str = "fused",
        remat: int = 0,
        seed: int | None = None,
        gate_scale: float = 1.0,
        **kwargs,
    ) -> None:
        scales = {"input_scale": gate_scale, "recurrent_scale": gate_scale, "scale_gates_only": True}
        own = {"dtype": kwargs.get("dtype"), "name": "cell", **scales}
        cell = ClippedGRUCell(units, clip_value, gate_bias, kernel_init, seed, **own)
        super().__init__(cell, **kwargs)
        self.units, self.route, self.remat = cell.units, check_route(route), check_remat(remat)
        self.learn_initial_state = learn_initial_state

    def build(self, sequences_shape, initial_state_shape=None) -> None:
        if self.learn_initial_state:
            self.initial_state_weight = self.add_weight(shape=(1, self.units), initializer="zeros", name="h0")
        super().build(sequences_shape)

    def get_initial_state(self, batch_size):
        if not self.learn_initial_state:
            return super().get_initial_state(batch_size)
        return [ops.tile(ops.convert_to_tensor(self.initial_state_weight), (batch_size, 1))]

    def call(self, sequences, initial_state=None, mask=None, training=False):
        if self.route == "keras":
            mask = None if mask is None else ops.cast(mask, "bool")
            return super().call(sequences, initial_state=initial_state, mask=mask, training=training)
        if initial_state is None:
            initial_state = self.get_initial_state(ops.shape(sequences)[0])
        state = initial_state[0] if isinstance(initial_state, (list, tuple)) else initial_state
        states = self._fused(sequences, state, mask)
        last = states[-1]
        output = loops.time_major(states) if self.return_sequences else last
        return (output, last) if self.return_state else output

    def _fused(self, sequences, state, mask):
        cell = self.cell
        steps = loops.time_major(sequences)
        step_mask = None if mask is None else loops.time_major(ops.cast(mask, self.compute_dtype)[..., None])
        if self.go_backwards:
            steps = tf.reverse(steps, [0])
            step_mask = None if step_mask is None else tf.reverse(step_mask, [0])
        fused = self.route == "fused"

        def recurrence(sequences, states, weights):
            kernel, bias, recurrent = weights
            projected = loops.product(sequences[0], kernel)
            mask = sequences[1] if masked else None
            hidden = clipped_gru(projected, bias, *states, recurrent, cell.clip, mask, fused)
            return (hidden,), (hidden[-1],)

        masked = step_mask is not None
        sequences = (steps, step_mask) if masked else (steps,)
        weights = (cell.input_kernel(), *(ops.convert_to_tensor(w) for w in (cell.bias, cell.recurrent_kernel)))
        (states,), _ = in_segments(recurrence, sequences, (state,), weights, self.remat, n_outputs=1)
        return states

    def get_config(self) -> dict:
        config = super().get_config()
        config.pop("cell")  # rebuilt from the cell's own arguments
        cell = self.cell
        return {
            **config,
            "units": cell.units,
            "clip_value": cell.clip_value,
            "gate_bias": cell.gate_bias,
            "kernel_init": cell.kernel_init,
            "learn_initial_state": self.learn_initial_state,
            "route": self.route,
            "remat": self.remat,
            "seed": cell.seed,
            "gate_scale": cell.input_scale,
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects=None) -> ClippedGRU:
        return cls(**config)
