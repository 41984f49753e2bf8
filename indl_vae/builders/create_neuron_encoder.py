"""From neurons with identities, and behaviour, to one code for each bin."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.builders.dense import make_dense
from indl_vae.builders.rnn import make_rnn
from indl_vae.layers import Dropout, IdentityReadIn, NeuronTokens, Positions, TemporalBlock, TimeLag, TransformerBlock
from indl_vae.layers.exact_gelu import exact_gelu
from indl_vae.numerics import derive_seed
from indl_vae.params import NeuronEncoderGroup, narrow


def create_neuron_encoder(
    params: Any, inputs: Any, seen: Any, codes: Any = None, behavior: Any = None, step_mask: Any = None
) -> Any:
    """Pools neurons to a token for each bin, joins it with one of the behaviour, and reads them over time.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `neuron_units`, `neuron_pooling`, `encoder_identity`,
            `identity_mixing`, `behavior_units`, `backbone`, `model_size`, `n_layers`, `n_heads`, `kernel_size`,
            `layer_dropout`, `seed`; with "gru" what `make_rnn` reads.
        inputs: `(B, T, N)`.
        seen: `(B, T, N)`, 1 where the encoder sees the value.
        codes: Optional `(B, N, E)`: vectors of identities, read with `encoder_identity`.
        behavior: Optional `(B, T, U)`.
        step_mask: Optional `(B, T)`, 1 where a bin belongs to the trial.

    Returns:
        `(B, T, model_size)`; with the backbone "none" what it has read, `(B, T, units)`.
    """
    group = narrow(NeuronEncoderGroup, params)
    token = _pooled(group, inputs, seen, codes if group.encoder_identity else None)
    if behavior is not None:
        width = group.behavior_units or max(32, group.model_size // 16)
        told = make_dense(width, group.seed, "behavior_token", activation=exact_gelu)(behavior)
        token = ops.concatenate([token, told], axis=-1)
    if group.backbone == "none":
        return token
    hidden = make_dense(group.model_size, group.seed, "bin_token", activation=exact_gelu)(token)
    hidden = _off(group, "token_dropout")(hidden)
    if group.backbone == "gru":
        return _recurrent(group, hidden, step_mask)
    if group.backbone == "transformer":
        hidden = Positions(name="positions")(hidden)
    for i in range(group.n_layers):
        hidden = _layer(group, i)(hidden, step_mask)
    return hidden


def _pooled(group: NeuronEncoderGroup, inputs: Any, seen: Any, codes: Any) -> Any:
    seed = derive_seed(group.seed, "neuron_tokens")
    if group.identity_mixing == "product" and codes is not None:
        return IdentityReadIn(group.neuron_units, seed, name="neuron_tokens")(inputs, seen, codes)
    tokens = NeuronTokens(group.neuron_units, group.neuron_pooling, seed, name="neuron_tokens")
    return tokens(inputs, seen) if codes is None else tokens(inputs, seen, codes)


def _layer(group: NeuronEncoderGroup, i: int) -> keras.layers.Layer:
    seed, name = derive_seed(group.seed, f"neuron_layer_{i}"), f"neuron_layer_{i}"
    if group.backbone == "conv":
        return TemporalBlock(group.kernel_size, 2**i, group.layer_dropout, seed=seed, name=name)
    return TransformerBlock(
        group.n_heads,
        group.model_size // group.n_heads,
        4 * group.model_size,
        group.layer_dropout,
        post_norm=True,
        activation="gelu",
        attention_dropout=group.layer_dropout,
        epsilon=1e-5,
        seed=seed,
        name=name,
    )


def _recurrent(group: NeuronEncoderGroup, hidden: Any, step_mask: Any) -> Any:
    for i in range(group.n_layers):
        rnn = make_rnn("BidirectionalGRUClip", group.model_size // 2, group, f"neuron_layer_{i}")
        hidden = rnn(hidden) if step_mask is None else rnn(hidden, mask=step_mask)
        # ends the mask that Keras hands on, and leaves nothing in bins of padding
        hidden = TimeLag(0, True, name=f"neuron_codes_{i}")(hidden, step_mask=step_mask)
        hidden = _off(group, f"layer_dropout_{i}")(hidden)
    return hidden


def _off(group: NeuronEncoderGroup, name: str) -> Dropout:
    return Dropout(group.layer_dropout, seed=derive_seed(group.seed, name), name=name)
