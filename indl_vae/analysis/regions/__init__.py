"""How well models of several regions find latents, states, switches and messages, and how well they predict."""

from indl_vae.analysis.regions.co_smoothing import CoSmoothing, channel_r2, co_smoothing
from indl_vae.analysis.regions.evaluate_regions import evaluate_regions
from indl_vae.analysis.regions.field import Field, region_field
from indl_vae.analysis.regions.generation import Generated, generate, one_step_r2, r2_over_time
from indl_vae.analysis.regions.latent_maps import LatentMap, fit_latent_maps, latent_r2
from indl_vae.analysis.regions.matched_states import matched_states
from indl_vae.analysis.regions.message_recovery import message_norms, message_recovery
from indl_vae.analysis.regions.regression_baseline import RegressionBaseline, regression_baseline
from indl_vae.analysis.regions.state_accuracy import adjusted_rand_index, state_accuracy
from indl_vae.analysis.regions.switch_times import switch_f1, switch_time_error

__all__ = [
    "CoSmoothing",
    "Field",
    "Generated",
    "LatentMap",
    "RegressionBaseline",
    "adjusted_rand_index",
    "channel_r2",
    "co_smoothing",
    "evaluate_regions",
    "fit_latent_maps",
    "generate",
    "latent_r2",
    "matched_states",
    "message_norms",
    "message_recovery",
    "one_step_r2",
    "r2_over_time",
    "region_field",
    "regression_baseline",
    "state_accuracy",
    "switch_f1",
    "switch_time_error",
]
