"""The generative model of several regions' latents."""

from __future__ import annotations

from typing import Any

from indl_vae.layers import DiscreteTransition, RegionDynamics, SwitchingDynamics, SwitchingStart
from indl_vae.numerics import derive_seed
from indl_vae.params import RegionDynamicsGroup, narrow, stack_of


def create_switching_dynamics(params: Any, n_regions: int, input_dim: int = 0) -> SwitchingDynamics:
    """Returns the dynamics of the latents of `n_regions` regions, with discrete states where there are several.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `region_latents`, `n_states`, `single_region_latent`,
            `communication`, `dynamics_units`, `dynamics_activations`, `dynamics_dropout`, `residual`, `state_as_input`,
            `inputs_to_latents`, `input_networks`, `input_units`, `input_activations`, `conditional_inputs`,
            `correction_inputs`, `latents_to_states`, `inputs_to_states`, `transition_units`, `stickiness`,
            `process_noise`, `start_std`, `full_process_noise`, `full_start_noise`, `seed`.
        n_regions: Number of regions R.
        input_dim: Width U of the external input; 0 without one.

    Returns:
        The layer, of D = R * `region_latents` latents.
    """
    group = narrow(RegionDynamicsGroup, params)
    width, states = n_regions * group.region_latents, group.n_states
    transition = DiscreteTransition(
        states,
        width if group.latents_to_states else 0,
        input_dim if group.inputs_to_states else 0,
        group.transition_units,
        group.stickiness,
        derive_seed(group.seed, "transition"),
        name="transition",
    )
    start = SwitchingStart(
        states, width, group.full_start_noise, group.start_std, derive_seed(group.seed, "start"), name="start"
    )
    dynamics = _dynamics(group, n_regions, input_dim if group.inputs_to_latents else 0)
    return SwitchingDynamics(
        dynamics, transition, start, group.full_process_noise, group.process_noise, name="region_dynamics"
    )


def _dynamics(group: RegionDynamicsGroup, n_regions: int, input_dim: int) -> RegionDynamics:
    regions = 1 if group.single_region_latent else n_regions
    dim = n_regions * group.region_latents // regions
    hidden, last = stack_of(group.dynamics_units, group.dynamics_activations, "dynamics_activations")
    shown, given = stack_of(group.input_units, group.input_activations, "input_activations")
    return RegionDynamics(
        regions,
        dim,
        group.n_states,
        input_dim,
        group.dynamics_units,
        (*hidden, last),
        group.communication,
        group.state_as_input,
        group.input_networks,
        group.input_units,
        (*shown, given),
        group.conditional_inputs,
        dim if group.correction_inputs else 0,
        group.residual,
        group.dynamics_dropout,
        derive_seed(group.seed, "dynamics"),
        name="dynamics",
    )
