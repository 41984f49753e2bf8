"""LFADS's cell: controller, inferred input, generator and factors in one recurrent step."""

from __future__ import annotations

import itertools

import keras
import tensorflow as tf
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.inference.complex_step import ComplexOutput, ComplexStates, ComplexWeights, complex_step
from indl_vae.inference.gru_step import gru_step, split_kernel
from indl_vae.inference.rate_link import RateLink
from indl_vae.layers.batch_window import no_window
from indl_vae.layers.clipped_gru_cell import ClippedGRUCell
from indl_vae.layers.complex_draws import PLACEMENTS, draw
from indl_vae.layers.gru_initializers import kernel_initializer
from indl_vae.layers.live_rate import LiveRate
from indl_vae.layers.rate_readout import RateReadout
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class ComplexCell(LiveRate, Seeded, keras.layers.Layer):
    """One bin of LFADS: a controller GRU infers an input, a generator GRU takes it, a linear map gives the factors.

    `c_t = GRU([code_t, f_(t-1)])`, `u_t ~ N(c_t A + a, exp(c_t B + b))`, `g_t = GRU([u_t, ext_t])`, `f_t = g_t W` with
    unit-norm columns of W (Pandarinath et al. 2018, Online Methods). Outputs and states are packed into one tensor
    each time, since `keras.layers.RNN` wants cells with one output; `unpack` names the parts.

    Args:
        units_gen: Width G of the generator.
        units_con: Width C of the controller.
        factors_dim: Number F of factors.
        co_dim: Width Z of the inferred input; 0 leaves controller and inferred input out.
        ext_input_dim: Width U of the measured external input.
        inject_ext_input_to_gen: Whether the external input enters here (else the encoders have it).
        clip_value: Limit of both GRU states.
        dropout: Rate, while training. The live value is the variable `rate_value`; None where it is 0.
        dropout_placement: "published": on the controller's input, the external input and the generator's way to the
            factors, one draw for factors put out and fed back (AutoLFADS). "tf1": the same, but none before the
            first bin's factors (run_lfads.py). "lite": an own draw for the factors fed back (lfadslite). "indl": as
            "lite", and on both GRUs' inputs.
        feed_factors: Whether the controller sees the factors of the bin before.
        rate_readout: Makes rates of the factors, which the controller then sees in their place; None for the factors.
        unit_norm_factors: Whether the factors' weight vectors are normalised.
        gate_bias, kernel_init: Of `ClippedGRUCell`.
        con_scale: Factor of the controller's initial kernels.
        gen_input_scale, gen_recurrent_scale: Factors of the generator's initial input and recurrent kernel.
        seed: Of initial weights, noise and dropout.
        sampled: Whether the inferred input is drawn at all; False takes its mean always.

    Call arguments:
        inputs: `(B, K + U)`: encoder code, then external input.
        states: `[gen (B, G), con (B, C), factors (B, F)]`.

    Returns:
        The packed output `(B, G + C + 3Z + F)` and the new states.
    """

    def __init__(
        self,
        units_gen: int,
        units_con: int,
        factors_dim: int,
        co_dim: int,
        ext_input_dim: int = 0,
        inject_ext_input_to_gen: bool = True,
        clip_value: float | None = 5.0,
        dropout: float = 0.05,
        dropout_placement: str = "published",
        feed_factors: bool = True,
        unit_norm_factors: bool = True,
        gate_bias: str = "ones",
        kernel_init: str = "lecun_normal",
        seed: int | None = None,
        con_scale: float = 1.0,
        gen_input_scale: float = 1.0,
        gen_recurrent_scale: float = 1.0,
        sampled: bool = True,
        rate_readout: RateReadout | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self._check(units_gen, units_con, factors_dim, co_dim, ext_input_dim, dropout, dropout_placement)
        self.units_gen, self.units_con = int(units_gen), int(units_con) if co_dim else 0
        self.factors_dim, self.co_dim, self.ext_input_dim = int(factors_dim), int(co_dim), int(ext_input_dim)
        self.inject_ext_input_to_gen = bool(inject_ext_input_to_gen)
        self.clip_value, self.dropout, self.dropout_placement = clip_value, float(dropout), dropout_placement
        self.feed_factors, self.unit_norm_factors = bool(feed_factors), bool(unit_norm_factors)
        self.gate_bias, self.kernel_init, self.seed = gate_bias, kernel_init, seed
        self.con_scale, self.sampled, self.rate_readout = float(con_scale), bool(sampled), rate_readout
        self.gen_input_scale, self.gen_recurrent_scale = float(gen_input_scale), float(gen_recurrent_scale)
        self.state_size = [self.units_gen, self.units_con, self.factors_dim]
        self.output_size = sum(self.output_widths)
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.hold_rate(self.dropout)
        shared = {
            "clip_value": clip_value,
            "gate_bias": gate_bias,
            "kernel_init": kernel_init,
            "dtype": self.dtype_policy,
        }
        scales = {"input_scale": gen_input_scale, "recurrent_scale": gen_recurrent_scale}
        self.generator = ClippedGRUCell(self.units_gen, seed=seed, name="generator", **shared, **scales)
        if self.co_dim:
            con_seed = None if seed is None else seed + 1
            scales = {"input_scale": con_scale, "recurrent_scale": con_scale}
            self.controller = ClippedGRUCell(self.units_con, seed=con_seed, name="controller", **shared, **scales)

    @staticmethod
    def _check(units_gen, units_con, factors_dim, co_dim, ext_input_dim, dropout, dropout_placement) -> None:
        for name, value, least in (
            ("units_gen", units_gen, 1),
            ("units_con", units_con, 1 if co_dim else 0),
            ("factors_dim", factors_dim, 1),
            ("co_dim", co_dim, 0),
            ("ext_input_dim", ext_input_dim, 0),
        ):
            if int(value) < least:
                raise ConfigError(f"{name} of ComplexCell: expected an integer >= {least}, got {value!r}.")
        if not 0.0 <= dropout < 1.0:
            raise ConfigError(f"dropout of ComplexCell: expected a number in [0, 1), got {dropout!r}.")
        if dropout_placement not in PLACEMENTS:
            raise ConfigError(f"dropout_placement: expected one of {PLACEMENTS}, got {dropout_placement!r}.")

    @property
    def clip(self) -> float | None:
        """The limit of the states, None when there is none."""
        return self.generator.clip

    @property
    def ext_width(self) -> int:
        """Width of the external input inside the cell."""
        return self.ext_input_dim if self.inject_ext_input_to_gen else 0

    @property
    def fed_width(self) -> int:
        """Width of what the controller sees of the bin before: factors, rates or nothing."""
        if not (self.co_dim and self.feed_factors):
            return 0
        return self.factors_dim if self.rate_readout is None else self.rate_readout.n_channels

    @property
    def link(self) -> RateLink | None:
        """From read-out to rates, None where factors are fed back."""
        return None if self.rate_readout is None else self.rate_readout.link

    @property
    def output_widths(self) -> tuple[int, ...]:
        """Widths of the parts of the packed output, in the order of `ComplexOutput`."""
        return (self.units_gen, self.units_con, self.co_dim, self.co_dim, self.co_dim, self.factors_dim)

    def build(self, input_shape) -> None:
        self.code_width = int(input_shape[-1]) - self.ext_width
        if self.code_width < 0 or (self.co_dim and self.code_width == 0):
            raise ConfigError(
                f"ComplexCell: inputs of width {input_shape[-1]} leave {self.code_width} for the encoder code after "
                f"ext_input_dim={self.ext_width}; concatenate the code with the external input."
            )
        self.generator.build((None, self.co_dim + self.ext_width))
        if self.co_dim:
            self.controller.build((None, self.code_width + self.fed_width))
            if self.rate_readout is not None and not self.rate_readout.built:
                self.rate_readout.build((None, self.factors_dim))
            for name in ("co_mean", "co_logvar"):
                self._add_head(name)
        self.factor_kernel = self.add_weight(
            shape=(self.units_gen, self.factors_dim),
            name="factor_kernel",
            initializer=kernel_initializer("lecun_normal", self.units_gen, self.units_gen, self.seed, "factor_kernel"),
        )
        super().build(input_shape)

    def _add_head(self, name: str) -> None:
        kernel = kernel_initializer("lecun_normal", self.units_con, self.units_con, self.seed, name)
        setattr(
            self,
            f"{name}_kernel",
            self.add_weight(shape=(self.units_con, self.co_dim), name=f"{name}_kernel", initializer=kernel),
        )
        setattr(self, f"{name}_bias", self.add_weight(shape=(self.co_dim,), name=f"{name}_bias", initializer="zeros"))

    def loop_weights(self) -> ComplexWeights:
        """The weights inside the time loop, as tensors; needs `co_dim` > 0."""
        as_tensor = ops.convert_to_tensor
        rates = (None, None) if self.rate_readout is None else self.rate_readout.loop_weights()
        return ComplexWeights(
            con_bias=as_tensor(self.controller.bias),
            con_recurrent=as_tensor(self.controller.recurrent_kernel),
            con_factors=as_tensor(self.controller.kernel)[self.code_width :],
            co_kernel=ops.concatenate([self.co_mean_kernel, self.co_logvar_kernel], -1),
            co_bias=ops.concatenate([self.co_mean_bias, self.co_logvar_bias], -1),
            gen_bias=as_tensor(self.generator.bias),
            gen_input=as_tensor(self.generator.kernel)[: self.co_dim],
            gen_recurrent=as_tensor(self.generator.recurrent_kernel),
            factors=self.factor_matrix(),
            rate_kernel=rates[0],
            rate_bias=rates[1],
        )

    def factor_matrix(self):
        """The map from generator state to factors, `(G, F)`, columns of unit norm unless switched off."""
        kernel = ops.convert_to_tensor(self.factor_kernel)
        return tf.math.l2_normalize(kernel, 0) if self.unit_norm_factors else kernel

    def input_kernels(self) -> tuple:
        """Returns the kernels of what is known before the loop: encoder code `(K, 3C)`, external input `(U, 3G)`."""
        return self.controller.input_kernel(0, self.code_width), self.generator.input_kernel(self.co_dim)

    def project_code(self, code):
        """Encoder code `(..., K)` times the controller's kernel, `(..., 3C)`."""
        return self.controller.project(code, 0, self.code_width)

    def project_ext(self, ext):
        """External input `(..., U)` times the generator's kernel, `(..., 3G)`; None where there is no input."""
        return self.generator.project(ext, self.co_dim) if self.ext_width else None

    def call(self, inputs, states, training=False):
        with no_window():
            masks, draws = draw(self, ops.shape(inputs)[0], None, training)
        code, ext = inputs[:, : self.code_width], inputs[:, self.code_width :]
        output = self.advance(masks.apply_code(code), masks.apply_ext(ext), states, draws)
        return self.pack(output), [output.gen_states, output.con_states, output.factors]

    def advance(self, code, ext, states, draws) -> ComplexOutput:
        """One step with everything random given: the maths of `complex_step`, or of the generator alone."""
        states = ComplexStates(*states)
        if self.co_dim:
            return complex_step(
                self.project_code(code),
                self.project_ext(ext),
                states,
                self.loop_weights(),
                draws,
                self.clip,
                self.feed_factors,
                self.link,
            ).output
        kernels = split_kernel(ops.convert_to_tensor(self.generator.recurrent_kernel))
        bias = ops.convert_to_tensor(self.generator.bias)
        gen = gru_step(self.project_ext(ext), bias, states.gen, *kernels, self.clip).state
        on_way = gen if draws.factors is None else gen * draws.factors
        empty = gen[:, :0]
        return ComplexOutput(gen, empty, empty, empty, empty, ops.matmul(on_way, self.factor_matrix()))

    def pack(self, output: ComplexOutput):
        """Concatenates the parts along the last axis."""
        return ops.concatenate(list(output), axis=-1)

    def unpack(self, packed) -> ComplexOutput:
        """Names the parts of a packed output `(..., G + C + 3Z + F)`, a tensor or one of Keras's symbolic ones."""
        ends = list(itertools.accumulate(self.output_widths))
        return ComplexOutput(*(packed[..., a:b] for a, b in zip([0, *ends], ends, strict=False)))

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, width), dtype=self.compute_dtype) for width in self.state_size]

    def get_config(self) -> dict:
        names = (
            "units_gen units_con factors_dim co_dim ext_input_dim inject_ext_input_to_gen clip_value dropout "
            "dropout_placement feed_factors unit_norm_factors gate_bias kernel_init seed con_scale "
            "gen_input_scale gen_recurrent_scale sampled"
        ).split()
        readout = None if self.rate_readout is None else keras.saving.serialize_keras_object(self.rate_readout)
        return {**super().get_config(), **{name: getattr(self, name) for name in names}, "rate_readout": readout}

    @classmethod
    def from_config(cls, config: dict) -> ComplexCell:
        readout = config.get("rate_readout")
        return cls(**{**config, "rate_readout": readout and keras.saving.deserialize_keras_object(readout)})
