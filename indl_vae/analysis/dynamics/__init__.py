"""How well a model reconstructs a dynamical system: forecasts, attractors, spectra, exponents, fixed points, cycles."""

from indl_vae.analysis.dynamics.cycle import Cycle
from indl_vae.analysis.dynamics.evaluate_dynamics import METRICS, evaluate_dynamics
from indl_vae.analysis.dynamics.find_cycles import find_cycles, fixed_points_of_map
from indl_vae.analysis.dynamics.k_step_error import k_step_error
from indl_vae.analysis.dynamics.latent_divergence import latent_divergence
from indl_vae.analysis.dynamics.latent_map import LatentMap
from indl_vae.analysis.dynamics.lyapunov_spectrum import lyapunov_spectrum
from indl_vae.analysis.dynamics.persistence_error import persistence_error
from indl_vae.analysis.dynamics.power_spectrum_correlation import power_spectrum_correlation
from indl_vae.analysis.dynamics.power_spectrum_distance import power_spectrum_distance
from indl_vae.analysis.dynamics.state_space_divergence import state_space_divergence
from indl_vae.analysis.dynamics.state_space_divergence_gmm import state_space_divergence_gmm

__all__ = [
    "METRICS",
    "Cycle",
    "LatentMap",
    "evaluate_dynamics",
    "find_cycles",
    "fixed_points_of_map",
    "k_step_error",
    "latent_divergence",
    "lyapunov_spectrum",
    "persistence_error",
    "power_spectrum_correlation",
    "power_spectrum_distance",
    "state_space_divergence",
    "state_space_divergence_gmm",
]
