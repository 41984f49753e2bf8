"""The decoder of models whose latents are drawn before it: bin by bin, or through a recurrent generator."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import ops

from indl_vae.builders.create_features import check_image, conv
from indl_vae.builders.create_generator import create_generator
from indl_vae.builders.create_likelihood import create_likelihood
from indl_vae.builders.dense import make_dense
from indl_vae.builders.make_output_variational import make_output_variational
from indl_vae.layers import BatchToFrames, FramesToBatch, TileOverTime
from indl_vae.params import DecoderGroup, narrow
from indl_vae.typing import Sessions


class Decoded(NamedTuple):
    """What `create_decoder` returns.

    Attributes:
        raw: `(B, T, N * parameters per channel)`: likelihood parameters.
        factors: `(B, T, F)`: what the read-out, or the transposed convolutions, start from.
        gen_states: `(B, T, G)`: states of a recurrent generator; None without one.
    """

    raw: Any
    factors: Any
    gen_states: Any = None


def create_decoder(
    params: Any, f_sample: Any, z_sample: Any, n_channels: int, ext_input: Any = None, sessions: Sessions | None = None
) -> Decoded:
    """Decodes a static and a dynamic latent into the parameters of p(x_t | z_t, f) (Li & Mandt 2018).

    Args:
        params: `Params` or a dict in the seed's keys. Reads `decoder`, `decoder_units`, `activation`, `image_shape`,
            `conv_filters`, `seed`; what `create_generator` reads, for a recurrent one; what `make_output_variational`
            reads.
        f_sample: `(B, D)`.
        z_sample: `(B, T, Z)`.
        n_channels: Number N of observed channels.
        ext_input: Optional `(B, T, U)`: measured external input, beside z.
        sessions: Of a model whose sessions have channels of their own.
    """
    group = narrow(DecoderGroup, params)
    gen_states = None
    if group.decoder == "rnn":
        gen_states, factors = create_generator(params, f_sample, z_sample, ext_input)
    else:
        factors = _bin_by_bin(group, f_sample, z_sample, ext_input)
    if group.image_shape is None:
        return Decoded(make_output_variational(params, factors, n_channels, sessions), factors, gen_states)
    return Decoded(_image(params, group, group.image_shape, factors, n_channels), factors, gen_states)


def _bin_by_bin(group: DecoderGroup, f_sample: Any, z_sample: Any, ext_input: Any) -> Any:
    static = TileOverTime(name="f_to_decoder")(f_sample, z_sample)
    hidden = ops.concatenate([z_sample, static, *(() if ext_input is None else (ext_input,))], axis=-1)
    for i, units in enumerate(group.decoder_units):
        hidden = make_dense(units, group.seed, f"decoder_{i}", activation=group.activation)(hidden)
    return hidden


def _image(params: Any, group: DecoderGroup, shape: tuple[int, int, int], factors: Any, n_channels: int) -> Any:
    """Runs the encoder's convolutions backwards; the parameters of a likelihood are further colours."""
    check_image(shape, n_channels)
    likelihood = create_likelihood(params, n_channels)
    height, width, colours = shape
    times, per_channel = 2 ** len(group.conv_filters), likelihood.params_per_channel
    small = (height // times, width // times, group.conv_filters[-1])
    start = make_dense(small[0] * small[1] * small[2], group.seed, "image_start", activation=group.activation)
    images = FramesToBatch(small, name="small_images")(start(factors))
    kind = keras.layers.Conv2DTranspose
    for i, filters in enumerate(reversed(group.conv_filters[:-1])):
        images = conv(group, filters, f"image_deconv_{i}", kind, activation=group.activation)(images)
    images = conv(group, colours * per_channel, "readout", kind)(images)
    split = keras.layers.Reshape((height, width, per_channel, colours), name="image_parameters")(images)
    chunks = keras.layers.Permute((3, 1, 2, 4), name="image_chunks")(split)
    return likelihood(BatchToFrames(name="image_channels")(chunks, factors))
