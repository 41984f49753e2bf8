"""`ComplexCell` over a sequence, by one of three routes with the same results."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from indl_vae.inference import loops
from indl_vae.inference.complex_scan import complex_scan, generator_scan
from indl_vae.inference.complex_step import ComplexDraws, ComplexOutput, ComplexStates, ComplexWeights
from indl_vae.inference.in_segments import in_segments
from indl_vae.layers.clipped_gru import check_remat, check_route
from indl_vae.layers.complex_cell import ComplexCell
from indl_vae.layers.complex_draws import InputMasks, draw


@keras.saving.register_keras_serializable(package="indl_vae")
class ComplexRNN(keras.layers.Layer):
    """Runs a `ComplexCell` over time from a given initial state of the generator.

    Args:
        cell: The `ComplexCell`.
        learn_initial_state: Whether the controller's initial state is a weight `(1, C)`, 0 at the start.
        route: "fused": one loop with its own backward pass. "keras": the cell inside `keras.layers.RNN`. "loop": the
            loop as TensorFlow differentiates it.
        remat: Bins of a segment that the backward pass computes again, to save memory; 0 keeps everything.

    Call arguments:
        code: `(B, T, K)`: the encoder's output; of width 0 when the cell has no controller.
        gen_init: `(B, G)`: state of the generator before the first bin.
        ext_input: Optional `(B, T, U)`.

    Returns:
        `ComplexOutput`, each part `(B, T, ...)`.
    """

    def __init__(
        self, cell: ComplexCell, learn_initial_state: bool = False, route: str = "fused", remat: int = 0, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.cell = cell
        self.learn_initial_state, self.route = bool(learn_initial_state), check_route(route)
        self.remat = check_remat(remat)
        if self.route == "keras":
            drawn = _DrawnCell(cell, name="drawn_cell", dtype=self.dtype_policy)
            self.keras_rnn = keras.layers.RNN(drawn, return_sequences=True, name="rnn", dtype=self.dtype_policy)

    def build(self, code_shape, gen_init_shape=None, ext_input_shape=None) -> None:
        if not self.cell.built:
            self.cell.build((None, int(code_shape[-1]) + self.cell.ext_width))
        if self.learn_initial_state and self.cell.co_dim:
            self.con_h0 = self.add_weight(shape=(1, self.cell.units_con), initializer="zeros", name="con_h0")
        super().build(code_shape)

    def call(self, code, gen_init, ext_input=None, training=False):
        code = loops.time_major(ops.convert_to_tensor(code))
        ext = code[..., :0] if ext_input is None or not self.cell.ext_width else loops.time_major(ext_input)
        masks, draws = draw(self.cell, ops.shape(code)[1], loops.n_steps(code), training)
        states = self._initial_states(gen_init, masks)
        run = self._run_keras if self.route == "keras" else self._run_loop
        output = run(masks.apply_code(code), masks.apply_ext(ext), states, draws)
        return ComplexOutput(
            *(self._batch_major(part, width, code) for part, width in zip(output, self.cell.output_widths, strict=True))
        )

    def _initial_states(self, gen_init, masks: InputMasks) -> ComplexStates:
        seen = gen_init if masks.initial_factors is None else gen_init * masks.initial_factors
        if self.learn_initial_state and self.cell.co_dim:
            con = tf.tile(ops.convert_to_tensor(self.con_h0), (tf.shape(gen_init)[0], 1))
        else:
            con = tf.zeros((tf.shape(gen_init)[0], self.cell.units_con), gen_init.dtype)
        return ComplexStates(gen_init, con, ops.matmul(seen, self.cell.factor_matrix()))

    def _run_loop(self, code, ext, states: ComplexStates, draws: ComplexDraws) -> ComplexOutput:
        cell = self.cell
        if not cell.co_dim:
            return self._generator_only(ext, cell.generator.input_kernel(), states.gen, draws.factors)
        given = [value is not None for value in draws]

        def recurrence(sequences, states, weights):
            code, ext, *drawn = sequences
            drawn = iter(drawn)
            output = complex_scan(
                loops.product(code, weights[0]),
                loops.product(ext, weights[1]) if cell.ext_width else None,
                ComplexStates(*states),
                ComplexWeights(*weights[2:]),
                ComplexDraws(*(next(drawn) if there else None for there in given)),
                cell.clip,
                cell.feed_factors,
                self.route == "fused",
                cell.link,
            )
            return tuple(output), (output.gen_states[-1], output.con_states[-1], output.factors[-1])

        sequences = (code, ext, *(value for value in draws if value is not None))
        weights = (*cell.input_kernels(), *(w for w in cell.loop_weights() if w is not None))
        output, _ = in_segments(recurrence, sequences, tuple(states), weights, self.remat, n_outputs=6)
        return ComplexOutput(*output)

    def _generator_only(self, inputs, kernel, gen_init, factor_mask) -> ComplexOutput:
        cell = self.cell
        masked = factor_mask is not None

        def recurrence(sequences, states, weights):
            kernel, bias, recurrent, factor_matrix = weights
            projected, mask = loops.product(sequences[0], kernel), sequences[1] if masked else None
            gen, factors = generator_scan(
                projected, bias, *states, recurrent, factor_matrix, mask, cell.clip, self.route != "loop"
            )
            return (gen, factors), (gen[-1],)

        weights = (
            kernel,
            ops.convert_to_tensor(cell.generator.bias),
            ops.convert_to_tensor(cell.generator.recurrent_kernel),
            cell.factor_matrix(),
        )
        sequences = (inputs, factor_mask) if masked else (inputs,)
        (gen, factors), _ = in_segments(recurrence, sequences, (gen_init,), weights, self.remat, n_outputs=2)
        empty = gen[..., :0]
        return ComplexOutput(gen, empty, empty, empty, empty, factors)

    def _run_keras(self, code, ext, states: ComplexStates, draws: ComplexDraws) -> ComplexOutput:
        drawn = self.keras_rnn.cell
        packed = loops.time_major(drawn.pack(code, ext, draws))
        output = self.keras_rnn(packed, initial_state=list(states))
        return self.cell.unpack(loops.time_major(output))

    def _batch_major(self, part, width: int, code):
        return tf.ensure_shape(loops.time_major(part), (code.shape[1], code.shape[0], width))

    def compute_output_spec(self, code, gen_init, ext_input=None, training=False):
        lead = tuple(code.shape[:2])
        return ComplexOutput(
            *(keras.KerasTensor((*lead, w), dtype=self.compute_dtype) for w in self.cell.output_widths)
        )

    def first_states(self, gen_init) -> ComplexStates:
        """Returns the states before the first bin, for a generator that starts from `gen_init` `(B, G)`."""
        return self._initial_states(gen_init, InputMasks())

    def resume(self, code, states: ComplexStates, ext_input=None) -> tuple[ComplexOutput, ComplexStates]:
        """Runs on from given states, posterior means pushed through: pieces of a trial give what the whole gives.

        Args:
            code: `(B, T, K)`.
            states: Before the first of these bins, from `first_states` or from an earlier call.
            ext_input: Optional `(B, T, U)`.

        Returns:
            The output, each part `(B, T, ...)`, and the states after the last bin.
        """
        code = loops.time_major(tf.cast(code, self.variable_dtype))
        ext = loops.time_major(tf.cast(ext_input, self.variable_dtype)) if self.cell.ext_width else code[..., :0]
        states = ComplexStates(*(tf.cast(state, self.variable_dtype) for state in states))
        means = ComplexDraws(ops.zeros((*ops.shape(code)[:2], self.cell.co_dim), self.variable_dtype))
        output = self._run_loop(code, ext, states, means)
        last = ComplexStates(output.gen_states[-1], output.con_states[-1], output.factors[-1])
        return ComplexOutput(*(loops.time_major(part) for part in output)), last

    def generate(self, gen_init, z_sample, ext_input=None) -> ComplexOutput:
        """Runs the generator from a given state under given inputs, without a controller (samples of the prior).

        Args:
            gen_init: `(B, G)`.
            z_sample: `(B, T, Z)`; Z may be 0.
            ext_input: Optional `(B, T, U)`.
        """
        cell = self.cell
        inputs = loops.time_major(z_sample)
        if cell.ext_width:
            inputs = tf.concat([inputs, loops.time_major(ext_input)], -1)
        output = self._generator_only(inputs, cell.generator.input_kernel(), gen_init, None)
        return ComplexOutput(*(loops.time_major(part) for part in output))._replace(z_sample=z_sample)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "cell": keras.saving.serialize_keras_object(self.cell),
            "learn_initial_state": self.learn_initial_state,
            "route": self.route,
            "remat": self.remat,
        }

    @classmethod
    def from_config(cls, config: dict) -> ComplexRNN:
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})


class _DrawnCell(keras.layers.Layer):
    """`ComplexCell` fed with its random draws, so that both routes can be given the same ones."""

    def __init__(self, cell: ComplexCell, **kwargs) -> None:
        super().__init__(**kwargs)
        self.cell, self.state_size, self.output_size = cell, cell.state_size, cell.output_size
        self.given: tuple[bool, ...] = ()

    def pack(self, code, ext, draws: ComplexDraws):
        """Puts code, external input and draws side by side, `(T, B, ...)`, and remembers which draws there are."""
        self.given = tuple(value is not None for value in draws)
        return tf.concat([code, ext, *(value for value in draws if value is not None)], -1)

    def build(self, input_shape) -> None:
        super().build(input_shape)  # the cell was built by its owner

    def call(self, inputs, states, training=False):
        cell = self.cell
        all_widths = (cell.co_dim, cell.fed_width, cell.co_dim, cell.units_gen, cell.units_gen)
        widths = [w for w, given in zip(all_widths, self.given, strict=True) if given]
        code, ext, *values = tf.split(inputs, [cell.code_width, cell.ext_width, *widths], -1)
        parts = iter(values)
        draws = ComplexDraws(*(next(parts) if given else None for given in self.given))
        output = cell.advance(code, ext, states, draws)
        return cell.pack(output), [output.gen_states, output.con_states, output.factors]
