"""The generator of models whose latents are drawn before it: a recurrent layer and its factors."""

from __future__ import annotations

from typing import Any

from keras import ops

from indl_vae.builders.dense import make_dense
from indl_vae.builders.rnn import is_bidirectional, is_rnn, make_rnn
from indl_vae.errors import ConfigError
from indl_vae.layers import Dropout, TileOverTime
from indl_vae.numerics import derive_seed
from indl_vae.params import RecurrentGeneratorGroup, narrow


def create_generator(params: Any, f_sample: Any, z_sample: Any, ext_input: Any = None) -> tuple[Any, Any]:
    """Decodes a static and a dynamic latent into generator states and factors.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `gen_cell_type`, `gen_units`, `n_factors`,
            `gen_tile_input` (the static latent at every bin, else as the initial state), `dropout_rate`, and the
            options of the cells.
        f_sample: `(B, D)`.
        z_sample: `(B, T, Z)`; Z may be 0 for a latent that only sets the initial state.
        ext_input: Optional `(B, T, U)`, put beside z.

    Returns:
        The generator's states `(B, T, G)` (`2G` for both directions) and the factors `(B, T, F)`.

    Raises:
        ConfigError: If `gen_cell_type` is "Complex" (use `create_generator_lfads`) or no recurrent layer.
    """
    group = narrow(RecurrentGeneratorGroup, params)
    if not is_rnn(group.gen_cell_type):
        raise ConfigError(
            f"gen_cell_type: create_generator expected a recurrent layer, got {group.gen_cell_type!r}; "
            "'Complex' is built by create_generator_lfads."
        )
    inputs = z_sample if ext_input is None else ops.concatenate([z_sample, ext_input], axis=-1)
    rnn = make_rnn(group.gen_cell_type, group.gen_units, group, "gen_rnn")
    if group.gen_tile_input:
        gen_states = rnn(ops.concatenate([inputs, TileOverTime(name="f_to_gen")(f_sample, z_sample)], axis=-1))
    else:
        gen_states = rnn(inputs, initial_state=_initial_states(group, f_sample))
    dropped = Dropout(group.dropout_rate, seed=derive_seed(group.seed, "gen_dropout"), name="gen_dropout")(gen_states)
    return gen_states, make_dense(group.n_factors, group.seed, "factors", use_bias=False)(dropped)


def _initial_states(group: RecurrentGeneratorGroup, f_sample: Any) -> list[Any]:
    """One affine map of the static latent for each state that the layer carries: two for an LSTM, times directions."""
    n_states = (2 if group.gen_cell_type.endswith("LSTM") else 1) * (2 if is_bidirectional(group.gen_cell_type) else 1)
    names = ["gen_init", *(f"gen_init_{i}" for i in range(1, n_states))]
    return [make_dense(group.gen_units, group.seed, name)(f_sample) for name in names]
