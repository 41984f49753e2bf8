"""Priors over static and dynamic latents; importing this room fills the registry `PRIORS`."""

from indl_vae.distributions.priors.ar1 import AR1Prior
from indl_vae.distributions.priors.base import PRIORS, Prior
from indl_vae.distributions.priors.dynamics import DynamicsPrior
from indl_vae.distributions.priors.multivariate_normal import MultivariateNormalPrior
from indl_vae.distributions.priors.null import NullPrior
from indl_vae.distributions.priors.recurrent_normal import RecurrentNormalPrior
from indl_vae.distributions.priors.shared_mean_normal import SharedMeanNormalPrior
from indl_vae.distributions.priors.tiled_normal import TiledNormalPrior

__all__ = [
    "PRIORS",
    "AR1Prior",
    "DynamicsPrior",
    "MultivariateNormalPrior",
    "NullPrior",
    "Prior",
    "RecurrentNormalPrior",
    "SharedMeanNormalPrior",
    "TiledNormalPrior",
]
