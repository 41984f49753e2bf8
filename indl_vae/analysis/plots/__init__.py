"""Figures for neuroscientists: each function takes NumPy arrays and returns a matplotlib Figure of its own."""

from indl_vae.analysis.plots.attractors import plot_attractors
from indl_vae.analysis.plots.canvas import message_figure, to_png
from indl_vae.analysis.plots.embedding import plot_embedding
from indl_vae.analysis.plots.factors import plot_factors
from indl_vae.analysis.plots.fixed_points import plot_fixed_points
from indl_vae.analysis.plots.generation import plot_generation
from indl_vae.analysis.plots.inputs import plot_inputs
from indl_vae.analysis.plots.latent_kl import plot_latent_kl
from indl_vae.analysis.plots.latent_recovery import plot_latent_recovery
from indl_vae.analysis.plots.message_norms import plot_message_norms
from indl_vae.analysis.plots.phase_portrait import plot_phase_portrait
from indl_vae.analysis.plots.population import plot_population
from indl_vae.analysis.plots.power_spectra import plot_power_spectra
from indl_vae.analysis.plots.raster import plot_raster
from indl_vae.analysis.plots.rates import plot_rate_maps
from indl_vae.analysis.plots.rates_truth import plot_rates_truth
from indl_vae.analysis.plots.region_fields import plot_region_fields
from indl_vae.analysis.plots.region_variance import plot_region_variance
from indl_vae.analysis.plots.search import plot_search
from indl_vae.analysis.plots.simulation import plot_simulation
from indl_vae.analysis.plots.states import plot_states
from indl_vae.analysis.plots.step_weights import plot_step_weights
from indl_vae.analysis.plots.swaps import plot_swaps
from indl_vae.analysis.plots.traces import plot_traces
from indl_vae.analysis.plots.training_curves import plot_training_curves
from indl_vae.analysis.plots.trajectories import plot_trajectories
from indl_vae.analysis.plots.traversal import plot_traversal
from indl_vae.analysis.plots.tuning import plot_tuning

__all__ = [
    "message_figure",
    "plot_attractors",
    "plot_embedding",
    "plot_factors",
    "plot_fixed_points",
    "plot_generation",
    "plot_inputs",
    "plot_latent_kl",
    "plot_latent_recovery",
    "plot_message_norms",
    "plot_phase_portrait",
    "plot_population",
    "plot_power_spectra",
    "plot_raster",
    "plot_rate_maps",
    "plot_rates_truth",
    "plot_region_fields",
    "plot_region_variance",
    "plot_search",
    "plot_simulation",
    "plot_states",
    "plot_step_weights",
    "plot_swaps",
    "plot_traces",
    "plot_training_curves",
    "plot_trajectories",
    "plot_traversal",
    "plot_tuning",
    "to_png",
]
