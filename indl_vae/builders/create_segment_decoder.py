"""Decoders of segments: latents that are the same in all bins of a segment to its factors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.builders.dense import make_dense
from indl_vae.builders.rnn import is_rnn, make_rnn
from indl_vae.errors import ConfigError
from indl_vae.params import DecoderGroup, GeneratorCellGroup, SegmentsGroup, narrow


def create_segment_decoder(params: Any, f_sample: Any, z_sample: Any) -> Any:
    """Runs recurrent layers that get `[z | f]` at every bin, from a zero state (FHVAE).

    Args:
        params: `Params` or a dict in the seed's keys. Reads `decoder_units`, `gen_cell_type` and the options of the
            cells, `segment_length`.
        f_sample: `(B, D)`.
        z_sample: `(B, Z)`.

    Returns:
        Factors `(B, L, decoder_units[-1])`, or twice that for both directions.

    Raises:
        ConfigError: `gen_cell_type` is no recurrent layer.
    """
    group, units = narrow(GeneratorCellGroup, params), narrow(DecoderGroup, params).decoder_units
    if not is_rnn(group.gen_cell_type):
        raise ConfigError(
            f"gen_cell_type: expected a recurrent layer, got {group.gen_cell_type!r}, which create_generator_lfads "
            "builds."
        )
    both = ops.concatenate([z_sample, f_sample], axis=-1)
    hidden = keras.layers.RepeatVector(narrow(SegmentsGroup, params).segment_length, name="latents_to_decoder")(both)
    for i, width in enumerate(units):
        hidden = make_rnn(group.gen_cell_type, width, group, f"decoder_{i}")(hidden)
    return hidden


def create_flat_decoder(params: Any, f_sample: Any, z_sample: Any) -> Any:
    """Makes a whole segment at once by dense layers (the simple FHVAE).

    Args:
        params: `Params` or a dict in the seed's keys. Reads `decoder_units`, `activation`, `n_factors`,
            `segment_length`.
        f_sample: `(B, D)`.
        z_sample: `(B, Z)`.

    Returns:
        Factors `(B, L, n_factors)`: one linear map of the last layer for all bins together.
    """
    group, length = narrow(DecoderGroup, params), narrow(SegmentsGroup, params).segment_length
    n_factors = narrow(GeneratorCellGroup, params).n_factors
    hidden = ops.concatenate([z_sample, f_sample], axis=-1)
    for i, width in enumerate(group.decoder_units):
        hidden = make_dense(width, group.seed, f"decoder_{i}", activation=group.activation)(hidden)
    flat = make_dense(length * n_factors, group.seed, "flat_factors")(hidden)
    return keras.layers.Reshape((length, n_factors), name="factors")(flat)
