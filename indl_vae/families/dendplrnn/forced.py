"""Training by forcing: the network runs by itself, and the data set it right from time to time."""

from __future__ import annotations

from typing import Any

from keras import ops

from indl_vae.builders import create_recognition
from indl_vae.errors import ConfigError
from indl_vae.families.dendplrnn.dynamics import Dynamics, Wired, first_bin
from indl_vae.layers import (
    ChannelScale,
    CompleteState,
    ForcedRollout,
    ForcingTargets,
    InverseReadout,
    LogStdSum,
    PathDistance,
)
from indl_vae.models.reconstruction import Reconstruction
from indl_vae.models.term import Term
from indl_vae.numerics import derive_seed
from indl_vae.params import Params
from indl_vae.typing import Latent

#: Weight of the data before it is estimated from Jacobians.
_FIRST_ALPHA = 0.1


def wire_teacher_forcing(model: Dynamics) -> Wired:
    """Wires teacher forcing, every `forcing_interval` bins (Brenner, Hess et al. 2022, section 3.3)."""
    return _forced_by_data(model, interval_of(model.params), 1.0)


def wire_generalized(model: Dynamics) -> Wired:
    """Wires generalized teacher forcing, by a weight in every bin (Hess et al. 2023)."""
    alpha = model.params.forcing_alpha
    return _forced_by_data(model, 1, _FIRST_ALPHA if alpha is None else alpha)


def wire_svae_forced(model: Dynamics) -> Wired:
    """Wires forcing by the samples of an encoder, which shares its read-out with the network (Brenner et al. 2024).

    The loss is the network's negative log-likelihood plus, each with its weight, the encoder's own, the squared
    distance of encoded and generated states, and minus the encoder's entropy.
    """
    params, n_forced = model.params, n_forced_states(model.params)
    z = create_recognition(params, model.encoded, model.steps, n_forced)
    target, there = ForcingTargets(
        extra_bins=params.heldout_bins, seed=derive_seed(params.seed, "input_noise"), name="forcing_targets"
    )(z.sample, observed=model.steps)
    rollout = ForcedRollout(model.step, n_forced, interval_of(params), name="rollout")
    states = rollout(_complete(model)(first_bin(target)), target, there, model.ext_input)
    outputs = {
        "raw": model.observation(states[..., :n_forced]),
        "factors": states,
        "gen_states": states,
        "z_loc": z.loc,
        "z_scale": z.scale,
        "_latents": _corrected(states, target, there),
        **_encoder_outputs(model, z, states),
    }
    return Wired(outputs, _encoder_terms(params), None, states)


def interval_of(params: Params) -> int | None:
    """Returns the bins between corrections; None where they are to be read from the data."""
    return None if params.forcing_interval == "auto" else int(params.forcing_interval)


def n_forced_states(params: Params) -> int:
    """Returns the number of states that the encoder of "svae_forced" stands for."""
    return params.forced_states or max(1, params.z_latent_size // 3)


def _forced_by_data(model: Dynamics, interval: int | None, weight: float) -> Wired:
    params, x = model.params, model.inputs["x"]
    if params.scale_channels:
        x = ChannelScale(name="forcing_scale")(x)
    noise = ForcingTargets(params.input_noise, seed=derive_seed(params.seed, "input_noise"), name="forcing_targets")
    target, there = noise(x, model.seen, observed=model.inputs["mask"], visible=model.inputs["visible"])
    if model.observation.kind == "identity":
        _check_width(model, target)
        start = _complete(model)(first_bin(target))
    else:
        inverse = InverseReadout(model.observation.readout, model.step.dim, name="inverse_readout")
        target, there = inverse(target, there)
        start = first_bin(target)
    rollout = ForcedRollout(model.step, target.shape[-1], interval, weight, name="rollout")
    states = rollout(start, target, there, model.ext_input)
    outputs = {
        "raw": model.observation(states),
        "factors": states,
        "gen_states": states,
        "_latents": _corrected(states, target, there),
    }
    return Wired(outputs, {}, None, states)


def _corrected(states: Any, target: Any, there: Any) -> Any:
    """Returns the states with what is known of them in every bin: where a forecast starts."""
    n_forced = target.shape[-1]
    known = ops.where(there > 0, target, states[..., :n_forced])
    return known if n_forced == states.shape[-1] else ops.concatenate([known, states[..., n_forced:]], axis=-1)


def _complete(model: Dynamics) -> CompleteState:
    seed = derive_seed(model.params.seed, "z0")
    return CompleteState(model.step.dim, model.params.learn_z0, seed, name="z0")


def _check_width(model: Dynamics, target: Any) -> None:
    if target.shape[-1] > model.step.dim:
        raise ConfigError(
            f"z_latent_size: expected at least {target.shape[-1]}, the number of observed channels, which an identity "
            f"read-out takes for states, got {model.step.dim}. Raise z_latent_size (dim_z), or set forcing_signal = "
            "'inverse'."
        )


def _encoder_outputs(model: Dynamics, z: Latent, states: Any) -> dict[str, Any]:
    inputs, hidden = model.inputs, model.params.heldout_bins
    x, observed = inputs["x"], inputs["mask"]
    reconstruction = Reconstruction(model.observation.likelihood, hidden, name="encoder_nll")
    return {
        "_encoder_nll": reconstruction(x, model.observation(z.sample), observed),
        "_consistency": PathDistance(name="path_distance")(z.sample, states, model.steps),
        "_neg_entropy": LogStdSum(name="log_std_sum")(z.scale, model.steps),
    }


def _encoder_terms(params: Params) -> dict[str, Term]:
    weights = {
        "encoder_nll": params.encoder_weight,
        "consistency": params.consistency_weight,
        "neg_entropy": params.entropy_weight,
    }
    return {name: Term(weight, over_bins=True, name=name) for name, weight in weights.items()}
