"""The posteriors over the latents of several regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from keras import ops

from indl_vae.builders.dense import make_dense
from indl_vae.distributions import GaussianPosterior
from indl_vae.layers import (
    HeardBins,
    PathKL,
    PotentialsPosterior,
    RolledPosterior,
    SwitchingDynamics,
    TrainedConstant,
)
from indl_vae.numerics import derive_seed
from indl_vae.params import RegionMaskingGroup, RegionPosteriorGroup, narrow
from indl_vae.typing import Latent

#: What the precision of an encoder that is not heard is multiplied by, before it is squared.
_UNHEARD = 1e-6


class RegionPath(NamedTuple):
    """A draw of the latents of all regions and what it costs.

    Attributes:
        sample: `(B, T, D)`: the draw; the mean path where nothing is drawn.
        loc: `(B, T, D)`: what it was drawn around.
        scale: `(B, T, D)`, or `(B, T, D, D)`: deviation that the encoder adds, or says of its own.
        kl: `(B,)`: KL of the latents from the dynamics in nats, summed over bins, the discrete states summed out.
        log_ratio: `(B,)`: log q - log p at the draw.
        state_probs: `(B, T, K)`: of the discrete states.
        told: `(B, T, D)`: the head's output: a correction of the dynamics, or the latents themselves.
    """

    sample: Any
    loc: Any
    scale: Any
    kl: Any
    log_ratio: Any
    state_probs: Any
    told: Any


def create_region_posterior(
    params: Any, codes: Any, system: SwitchingDynamics, ext_input: Any = None, steps: Any = None
) -> RegionPath:
    """Infers the latents of all regions from an encoder's codes under a generative model.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `inference`, `discrete`, `correction`, `posterior_scale`,
            `posterior_std`, `full_posterior`, `smoother_sweeps`, `window_rate`, `window_bins`, `heldout_bins`,
            `sample_posteriors`, `seed`.
        codes: `(B, T, W)`.
        system: The generative model.
        ext_input: Optional `(B, T, U)`.
        steps: Optional `(B, T)`, 1 in bins of the trial.

    Returns:
        The draw and its cost.
    """
    group = narrow(RegionPosteriorGroup, params)
    make: Callable[..., RegionPath] = {
        "svae": _rolled,
        "s_svae": _rolled,
        "mean_field": _mean_field,
        "slds": _smoothed,
    }[group.inference]
    return make(group, params, codes, system, ext_input, steps)


def _rolled(group: RegionPosteriorGroup, params: Any, codes: Any, system: Any, u: Any, steps: Any) -> RegionPath:
    told = _head(group, codes, system.dim, sampled=False)
    heard = _heard(params, codes)
    logits = None
    if group.discrete == "factorised" and system.n_states > 1:
        logits = make_dense(system.n_states, group.seed, "z_states")(codes)
    wide = heard[..., None] if group.full_posterior else heard
    if group.correction == "gain":  # not heard: no precision
        scale, loc = told.scale / ops.maximum(wide, _UNHEARD), told.loc
    else:
        scale, loc = told.scale * wide, told.loc * heard
    seed = derive_seed(group.seed, "q_z")
    rolled = RolledPosterior(system, group.correction, group.sample_posteriors, seed=seed, name="q_z")
    path = rolled(loc, scale, u, steps, logits)
    return RegionPath(path.sample, path.loc, scale, path.kl, path.log_ratio, path.state_probs, told.loc)


def _mean_field(group: RegionPosteriorGroup, params: Any, codes: Any, system: Any, u: Any, steps: Any) -> RegionPath:
    told = _head(group, codes, system.dim, sampled=group.sample_posteriors)
    cost = PathKL(system, name="path_kl")(*told, u, steps)
    return RegionPath(*told, cost.kl, cost.log_ratio, cost.state_probs, told.loc)


def _smoothed(group: RegionPosteriorGroup, params: Any, codes: Any, system: Any, u: Any, steps: Any) -> RegionPath:
    told = _head(group, codes, system.dim, sampled=False)
    precision = _heard(params, codes) / ops.square(told.scale)
    smoother = PotentialsPosterior(
        system, group.smoother_sweeps, group.sample_posteriors, seed=derive_seed(group.seed, "q_z"), name="q_z"
    )
    path = smoother(told.loc * precision, precision, u, steps)
    return RegionPath(path.sample, path.loc, told.scale, path.kl, path.log_ratio, path.state_probs, told.loc)


def _head(group: RegionPosteriorGroup, codes: Any, dim: int, sampled: bool) -> Latent:
    """Returns what the encoder says of each bin: a mean and a deviation, and a draw of these where it is wanted."""
    posterior = GaussianPosterior(
        dim,
        off_diag=group.full_posterior,
        init_std=group.posterior_std,
        seed=derive_seed(group.seed, "q_z"),
        sampled=sampled,
        name="z_head",
    )
    width = posterior.raw_size
    raw = (
        make_dense(width, group.seed, "z_scale")
        if group.posterior_scale == "per_bin"
        else TrainedConstant(width, name="z_scale")
    )
    return Latent(*posterior([make_dense(dim, group.seed, "z_loc")(codes), raw(codes)]))


def _heard(params: Any, codes: Any) -> Any:
    masking = narrow(RegionMaskingGroup, params)
    return HeardBins(
        masking.window_rate,
        masking.window_bins,
        masking.heldout_bins,
        seed=derive_seed(masking.seed, "windows"),
        name="heard_bins",
    )(codes)
