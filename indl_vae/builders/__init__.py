"""Builder functions: `(params, Keras tensors)` to tensors or named tuples of tensors.

The lowest room that sees params.
"""

from indl_vae.builders.create_augmentation import create_augmentation
from indl_vae.builders.create_decoder import Decoded, create_decoder
from indl_vae.builders.create_f_encoder import create_f_encoder
from indl_vae.builders.create_f_prior import create_f_prior
from indl_vae.builders.create_features import create_features
from indl_vae.builders.create_generator import create_generator
from indl_vae.builders.create_generator_lfads import LFADSGenerator, create_generator_lfads
from indl_vae.builders.create_latent_step import create_latent_step
from indl_vae.builders.create_likelihood import create_likelihood, likelihood_of
from indl_vae.builders.create_neuron_decoder import create_neuron_decoder
from indl_vae.builders.create_neuron_encoder import create_neuron_encoder
from indl_vae.builders.create_observation import Observation
from indl_vae.builders.create_recognition import create_recognition
from indl_vae.builders.create_region_encoder import create_region_encoder
from indl_vae.builders.create_region_posterior import RegionPath, create_region_posterior
from indl_vae.builders.create_region_readout import RegionReadout
from indl_vae.builders.create_segment_decoder import create_flat_decoder, create_segment_decoder
from indl_vae.builders.create_segment_encoder import create_flat_encoder, create_segment_z_encoder
from indl_vae.builders.create_switching_dynamics import create_switching_dynamics
from indl_vae.builders.create_z_encoder import create_z_encoder
from indl_vae.builders.create_z_prior import create_z_prior
from indl_vae.builders.hide_from_encoder import hide_from_encoder
from indl_vae.builders.make_f_variational import make_f_variational
from indl_vae.builders.make_output_variational import make_output_variational, make_readout
from indl_vae.builders.make_z_variational import make_z_variational
from indl_vae.builders.prepare_inputs import prepare_inputs

create_generator_LFADS = create_generator_lfads  # the seed's spelling

__all__ = [
    "Decoded",
    "LFADSGenerator",
    "Observation",
    "RegionPath",
    "RegionReadout",
    "create_augmentation",
    "create_decoder",
    "create_f_encoder",
    "create_f_prior",
    "create_features",
    "create_flat_decoder",
    "create_flat_encoder",
    "create_generator",
    "create_generator_LFADS",
    "create_generator_lfads",
    "create_latent_step",
    "create_likelihood",
    "create_neuron_decoder",
    "create_neuron_encoder",
    "create_recognition",
    "create_region_encoder",
    "create_region_posterior",
    "create_segment_decoder",
    "create_segment_z_encoder",
    "create_switching_dynamics",
    "create_z_encoder",
    "create_z_prior",
    "hide_from_encoder",
    "likelihood_of",
    "make_f_variational",
    "make_output_variational",
    "make_readout",
    "make_z_variational",
    "prepare_inputs",
]
