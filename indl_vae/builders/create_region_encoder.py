"""From the observations of several regions to one code for each bin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from indl_vae.builders.create_z_encoder import create_z_encoder
from indl_vae.builders.dense import make_dense
from indl_vae.layers import Beside, Dropout, Positions, TimeLag, TransformerBlock
from indl_vae.numerics import derive_seed
from indl_vae.params import RegionEncoderGroup, for_layers, narrow


def create_region_encoder(
    params: Any,
    inputs: Any,
    region_sizes: Sequence[int],
    ext_input: Any = None,
    step_mask: Any = None,
    extra_bins: int = 0,
) -> Any:
    """Embeds each region's channels, joins them with the external input, and reads them over time.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `embedding_units`, `embedding_activations`,
            `sequence_encoder`, `n_blocks`, `n_heads`, `head_size`, `block_units`, `positions`, `block_dropout`,
            `mlp_units`, `mlp_dropout`, `seed`; for "rnn" what `create_z_encoder` reads.
        inputs: `(B, T, N)`.
        region_sizes: Channels of each region; they add up to N.
        ext_input: Optional `(B, T, U)`.
        step_mask: Optional `(B, T)`, 1 where a bin belongs to the trial.
        extra_bins: Bins appended at the end in which the encoder knows nothing.

    Returns:
        `(B, T + extra_bins, W)`.
    """
    group = narrow(RegionEncoderGroup, params)
    embedded = [_embed(group, part, i) for i, part in enumerate(split_regions(inputs, region_sizes))]
    joined = embedded[0] if len(embedded) == 1 else ops.concatenate(embedded, -1)
    if ext_input is not None:
        joined = Beside(name="regions_and_ext")(joined, ext_input)
    if group.sequence_encoder == "rnn":
        return _between(group, create_z_encoder(params, joined, step_mask=step_mask, extra_bins=extra_bins))
    hidden = _attended(group, joined, step_mask) if group.sequence_encoder == "transformer" else joined
    if extra_bins:
        hidden = TimeLag(0, False, extra_bins, name="z1_lag")(hidden, step_mask=step_mask)
    return _between(group, hidden) if group.sequence_encoder == "transformer" else hidden


def _attended(group: RegionEncoderGroup, joined: Any, step_mask: Any) -> Any:
    hidden = Positions(name="positions")(joined) if group.positions else joined
    for i in range(group.n_blocks):
        block = TransformerBlock(
            group.n_heads,
            group.head_size,
            group.block_units,
            group.block_dropout,
            seed=derive_seed(group.seed, f"block_{i}"),
            name=f"z_block_{i}",
        )
        hidden = block(hidden, step_mask)
    return hidden


def split_regions(values: Any, region_sizes: Sequence[int]) -> list[Any]:
    """Returns the channels of each region, `(B, T, N_r)` each."""
    ends = [sum(region_sizes[: i + 1]) for i in range(len(region_sizes))]
    return [values[..., end - size : end] for end, size in zip(ends, region_sizes, strict=True)]


def _embed(group: RegionEncoderGroup, values: Any, region: int) -> Any:
    activations = for_layers(group.embedding_activations, len(group.embedding_units)) if group.embedding_units else ()
    for i, (units, name) in enumerate(zip(group.embedding_units, activations, strict=True)):
        values = _dense(group, units, name, f"embedding_{region}_{i}")(values)
    return values


def _between(group: RegionEncoderGroup, hidden: Any) -> Any:
    for i, units in enumerate(group.mlp_units):
        hidden = _dense(group, units, "relu", f"z_mlp_{i}")(hidden)
        if group.mlp_dropout:
            off = Dropout(group.mlp_dropout, seed=derive_seed(group.seed, f"mlp_{i}"), name=f"z_mlp_off_{i}")
            hidden = off(hidden)
    return hidden


def _dense(group: RegionEncoderGroup, units: int, activation: str | None, name: str) -> keras.layers.Dense:
    return make_dense(units, group.seed, name, activation="exponential" if activation == "exp" else activation)
