"""The generator of LFADS, with the controller inside it."""

from __future__ import annotations

from typing import Any, NamedTuple

from indl_vae.builders.dense import make_dense
from indl_vae.builders.rate_readout import rate_readout
from indl_vae.layers import ComplexCell, ComplexRNN, LearnedState
from indl_vae.numerics import derive_seed
from indl_vae.params import GeneratorGroup, narrow


class LFADSGenerator(NamedTuple):
    """What `create_generator_lfads` returns.

    Attributes:
        gen_states: `(B, T, G)`.
        factors: `(B, T, F)`.
        con_states: `(B, T, C)`.
        z_mean, z_logvar, z_sample: `(B, T, Z)`: posterior of the inferred input, and the draw that was used.
        gen_init: `(B, G)`: the generator's state before the first bin.
    """

    gen_states: Any
    factors: Any
    con_states: Any
    z_mean: Any
    z_logvar: Any
    z_sample: Any
    gen_init: Any


def create_generator_lfads(
    params: Any, f_sample: Any, z1: Any, ext_input: Any = None, readout: Any = None
) -> LFADSGenerator:
    """Runs LFADS's controller, generator and factors over the z-encoder's codes.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `gen_units`, `con_units`, `n_factors`, `z_latent_size` (0
            for no controller), `ext_input_dim`, `inject_ext_input_to_gen`, `feed_factors_to_controller`,
            `feedback`, `dropout_rate`, `dropout_placement`, `unit_norm_factors`, and the options of the cells.
        f_sample: `(B, D)`: the static latent, mapped to the generator's initial state; None for a learned state that
            all trials share.
        z1: `(B, T, K)`: codes of the z-encoder; of any width (0 too) without a controller.
        ext_input: Optional `(B, T, U)`: measured external input.
        readout: Layer of `make_readout`, which the output then shares; needed where rates are fed back.

    Raises:
        ConfigError: Rates are to be fed back and there is no read-out, or not of a likelihood that has rates.
    """
    group = narrow(GeneratorGroup, params)
    if f_sample is None:
        gen_init = LearnedState(group.gen_units, name="gen_init")(z1)
    else:
        gen_init = make_dense(group.gen_units, group.seed, "gen_init")(f_sample)
    cell = ComplexCell(
        group.gen_units,
        group.con_units,
        group.n_factors,
        group.z_latent_size,
        ext_input_dim=group.ext_input_dim if ext_input is None else ext_input.shape[-1],
        inject_ext_input_to_gen=group.inject_ext_input_to_gen and ext_input is not None,
        clip_value=group.gru_clip_value,
        dropout=group.dropout_rate,
        dropout_placement=group.dropout_placement,
        feed_factors=group.feed_factors_to_controller and group.feedback != "none",
        rate_readout=rate_readout(params, readout) if group.feedback == "rates" and group.z_latent_size else None,
        unit_norm_factors=group.unit_norm_factors,
        gate_bias=group.gate_bias,
        seed=derive_seed(group.seed, "complex_cell"),
        con_scale=group.cell_weight_scale,
        gen_input_scale=group.gen_input_weight_scale,
        gen_recurrent_scale=group.gen_recurrent_weight_scale,
        sampled=group.sample_posteriors,
        name="complex_cell",
    )
    rnn = ComplexRNN(
        cell,
        learn_initial_state=group.learn_initial_states,
        route=group.rnn_route,
        remat=group.remat,
        name="complex_rnn",
    )
    out = rnn(z1, gen_init, ext_input=ext_input)
    return LFADSGenerator(out.gen_states, out.factors, out.con_states, out.z_mean, out.z_logvar, out.z_sample, gen_init)
