"""Dynamics of several regions, with messages between them and discrete states that switch."""

from indl_vae.layers.regions.discrete_transition import DiscreteTransition
from indl_vae.layers.regions.message_size import MessageSize
from indl_vae.layers.regions.overshooting import Overshooting, OvershootLoss, Overshot
from indl_vae.layers.regions.pair_networks import PairNetworks
from indl_vae.layers.regions.path_kl import PathCost, PathKL
from indl_vae.layers.regions.potentials_posterior import PotentialsPosterior
from indl_vae.layers.regions.predicted_path import PredictedPath
from indl_vae.layers.regions.region_dynamics import RegionDynamics, RegionStep
from indl_vae.layers.regions.rolled_posterior import RolledPath, RolledPosterior
from indl_vae.layers.regions.state_path import StatePath, States
from indl_vae.layers.regions.switching_dynamics import Potentials, SwitchingDynamics
from indl_vae.layers.regions.switching_start import SwitchingStart

__all__ = [
    "DiscreteTransition",
    "MessageSize",
    "OvershootLoss",
    "Overshooting",
    "Overshot",
    "PairNetworks",
    "PathCost",
    "PathKL",
    "Potentials",
    "PotentialsPosterior",
    "PredictedPath",
    "RegionDynamics",
    "RegionStep",
    "RolledPath",
    "RolledPosterior",
    "StatePath",
    "States",
    "SwitchingDynamics",
    "SwitchingStart",
]
