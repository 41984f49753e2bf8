"""Steps of latent dynamical systems; importing this room fills the registry `LATENT_STEPS`."""

from indl_vae.layers.latent_steps.almost_linear import AlmostLinearStep
from indl_vae.layers.latent_steps.base import LATENT_STEPS, LatentStep
from indl_vae.layers.latent_steps.dendritic import ClippedDendriticStep, DendriticStep
from indl_vae.layers.latent_steps.plain import PlainStep
from indl_vae.layers.latent_steps.shallow import ClippedShallowStep, ShallowStep

__all__ = [
    "LATENT_STEPS",
    "AlmostLinearStep",
    "ClippedDendriticStep",
    "ClippedShallowStep",
    "DendriticStep",
    "LatentStep",
    "PlainStep",
    "ShallowStep",
]
