"""Layers for neurons with identities, of which every animal has others."""

from indl_vae.layers.neurons.behavior_dropout import BehaviorDropout
from indl_vae.layers.neurons.film import FiLM
from indl_vae.layers.neurons.hidden_neurons import HiddenNeurons
from indl_vae.layers.neurons.identity_read_in import IdentityReadIn
from indl_vae.layers.neurons.identity_read_out import IdentityReadOut
from indl_vae.layers.neurons.identity_table import IdentityTable
from indl_vae.layers.neurons.latent_kl import LatentKL
from indl_vae.layers.neurons.mean_over_time import MeanOverTime
from indl_vae.layers.neurons.neuron_readout import NeuronReadout
from indl_vae.layers.neurons.neuron_tokens import NeuronTokens
from indl_vae.layers.neurons.temporal_block import TemporalBlock

__all__ = [
    "BehaviorDropout",
    "FiLM",
    "HiddenNeurons",
    "IdentityReadIn",
    "IdentityReadOut",
    "IdentityTable",
    "LatentKL",
    "MeanOverTime",
    "NeuronReadout",
    "NeuronTokens",
    "TemporalBlock",
]
