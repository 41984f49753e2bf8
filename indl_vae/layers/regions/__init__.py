"""Dynamics of several regions, with messages between them and discrete states that switch."""

from indl_vae.layers.regions.discrete_transition import DiscreteTransition
from indl_vae.layers.regions.pair_networks import PairNetworks
from indl_vae.layers.regions.path_kl import PathCost, PathKL
from indl_vae.layers.regions.potentials_posterior import PotentialsPosterior
from indl_vae.layers.regions.region_dynamics import RegionDynamics, RegionStep
from indl_vae.layers.regions.rolled_posterior import RolledPath, RolledPosterior
from indl_vae.layers.regions.switching_dynamics import Potentials, SwitchingDynamics
from indl_vae.layers.regions.switching_start import SwitchingStart

__all__ = [
    "DiscreteTransition",
    "PairNetworks",
    "PathCost",
    "PathKL",
    "Potentials",
    "PotentialsPosterior",
    "RegionDynamics",
    "RegionStep",
    "RolledPath",
    "RolledPosterior",
    "SwitchingDynamics",
    "SwitchingStart",
]
