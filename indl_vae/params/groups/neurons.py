"""Neurons with identities, of which every animal has others, and the behaviour that goes with them."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.base import Params
from indl_vae.params.field import When, param
from indl_vae.params.groups.output import OutputGroup
from indl_vae.params.groups.rnn import RNNGroup
from indl_vae.params.groups.shared import SeedGroup


class NeuronsGroup(SeedGroup):
    """Parameters of what is known of a neuron besides its values."""

    n_identities: int = param(
        0,
        "Number of identities, one more than there are labels: 0 stands for a neuron whose identity is not known. 0 to "
        "take it from the data.",
        ge=0,
    )
    identity_size: int = param(
        32,
        "Width of the vector that stands for an identity.",
        ge=1,
        search=(8, 16, 32, 64),
        tune=True,
        aliases=("neuron_embed_dim",),
    )
    identity_mixing: str = param(
        "sum",
        "How an identity meets values and states: beside them in a network of each neuron ('sum', as published), or as "
        "the neuron's weights in a read-in and a read-out ('product'), as in a regression.",
        choices=("sum", "product"),
    )


class NeuronEncoderGroup(RNNGroup, NeuronsGroup):
    """Parameters of the encoder of any number of neurons."""

    neuron_units: int = param(
        64, "Width of the two layers that read each neuron's value.", ge=1, aliases=("neuron_token_dim",)
    )
    neuron_pooling: str = param(
        "mean", "How neurons are pooled: their mean, or one weighted by attention.", choices=("mean", "attention")
    )
    encoder_identity: bool = param(
        False, "Whether the encoder is told whose value it reads; if not, neurons are the same to it."
    )
    neuron_dropout_rate: float = param(
        0.0,
        "Share of neurons that are hidden from the encoder in a training step and told by the decoder all the same, as "
        "those that were not recorded have to be.",
        ge=0.0,
        lt=1.0,
        search=(0.0, 0.6, "linear"),
        tune=True,
    )
    behavior_units: int = param(0, "Width of the layer that reads the behaviour; 0 for max(32, model_size / 16).", ge=0)
    backbone: str = param(
        "transformer",
        "What reads bins over time: attention, convolutions whose dilation doubles with every layer, a bidirectional "
        "recurrent network, or nothing ('none'): every bin by itself as it was read in, for a few hundred bins in all.",
        choices=("transformer", "conv", "gru", "none"),
    )
    model_size: int = param(256, "Width of these layers.", ge=2, aliases=("model_dim",))
    n_layers: int = param(4, "Number of these layers.", ge=1)
    n_heads: int = param(4, "Heads of the attention; they divide model_size.", ge=1)
    kernel_size: int = param(5, "Bins that a convolution spans, odd.", unit="bins", ge=1)
    layer_dropout: float = param(
        0.1,
        "Dropout rate of the layers over time and before them.",
        ge=0.0,
        lt=1.0,
        search=(0.0, 0.5, "linear"),
        tune=True,
        when=When("backbone", ("transformer", "conv", "gru")),
        aliases=("dropout",),
    )

    @model_validator(mode="after")
    def _options_go_together(self) -> Self:
        if self.backbone == "transformer" and self.model_size % self.n_heads:
            raise ValueError(
                f"n_heads: expected a divisor of model_size = {self.model_size}, got {self.n_heads}. Set model_size to "
                "a multiple of it."
            )
        if self.backbone == "transformer" and self.model_size % 2:
            raise ValueError(f"model_size: expected an even number with attention, got {self.model_size}.")
        if self.neuron_pooling == "attention" and self.identity_mixing == "product" and self.encoder_identity:
            raise ValueError(
                "neuron_pooling: expected 'mean' with identity_mixing = 'product', whose read-in is a sum over "
                "neurons, got 'attention'. Set identity_mixing = 'sum', or encoder_identity = False."
            )
        if self.kernel_size % 2 == 0:
            raise ValueError(f"kernel_size: expected an odd number, got {self.kernel_size}; it is centred on a bin.")
        return self


class NeuronLatentGroup(Params):
    """Parameters of the latent of whole-brain activity."""

    latent_mode: str = param(
        "time",
        "Whether there is a latent for every bin, or one for the whole trial ('sequence').",
        choices=("time", "sequence"),
    )
    kl_reduction: str = param(
        "sum",
        "Whether the divergence that the loss counts is the sum over bins and latents, which belongs to a bound, or "
        "their mean, as published.",
        choices=("sum", "mean"),
    )
    free_bits: float = param(
        0.0,
        "Divergence of a latent, in nats a bin, below which the loss gains nothing by saying less.",
        ge=0.0,
        search=(0.001, 1.0, "log"),
        tune=True,
        aliases=("tau_freebits",),
    )
    free_bits_start: int = param(
        1, "Epoch, counted from 1, from which on free_bits acts; there are none before.", unit="epochs", ge=1
    )


class NeuronDecoderGroup(OutputGroup, NeuronsGroup):
    """Parameters of the decoder of latents, behaviour and identities."""

    decoder_hidden: int = param(
        256, "Width of the decoder's layers; 0 for none, the read-out being of the latents themselves.", ge=0
    )
    conditioning: str = param(
        "concat",
        "How the decoder is told the behaviour: beside the latents, or by scaling and shifting its layers ('film').",
        choices=("concat", "film"),
    )
    behavior_dropout: float = param(
        0.1, "Share of trials in which a training step does not tell the decoder the behaviour.", ge=0.0, lt=1.0
    )
    pos_decoder: bool = param(False, "Whether the decoder is told when a bin is.")

    @model_validator(mode="after")
    def _layers_that_are_needed(self) -> Self:
        asks = [
            f"{name} = {self[name]!r}"
            for name, without in (("identity_mixing", "product"), ("conditioning", "concat"), ("pos_decoder", False))
            if self[name] != without
        ]
        if self.decoder_hidden == 0 and asks:
            raise ValueError(
                f"decoder_hidden: expected at least 1 with {' and '.join(asks)}, which acts in the layers, got 0. Give "
                "them a width, as 64."
            )
        return self
