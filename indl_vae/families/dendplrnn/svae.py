"""The variational fit: an encoder for the states, the dynamics as their prior."""

from __future__ import annotations

from indl_vae.builders import create_recognition
from indl_vae.distributions.priors import DynamicsPrior
from indl_vae.families.dendplrnn.dynamics import Dynamics, Wired
from indl_vae.layers import RollForward
from indl_vae.models.term import Term
from indl_vae.numerics import derive_seed


def wire_svae(model: Dynamics, n_rows: int = 1) -> Wired:
    """Wires the evidence bound of Brenner, Hess et al. (2022), section 3.2.

    Args:
        model: What all ways of training have in common.
        n_rows: Number of initial means of the prior.
    """
    params, hidden = model.params, model.params.heldout_bins
    z = create_recognition(params, model.encoded, model.steps)
    prior = DynamicsPrior(
        params.z_latent_size, model.step, n_rows, derive_seed(params.seed, "p_z"), params.latent_noise, name="p_z"
    )
    states, ext = z.sample, model.ext_input
    seen_ext = ext
    if hidden:
        states = RollForward(model.step, hidden, name="roll_forward")(states, ext)
        seen_ext = None if ext is None else ext[:, :-hidden]
    told = {"counted": model.steps, "inputs": seen_ext, "sequence": model.inputs.get("sequence")}
    outputs = {
        "raw": model.observation(states),
        "factors": states,
        "_latents": states,
        "z_loc": z.loc,
        "z_scale": z.scale,
        "_kl_z": prior(z, **told),
        "_log_ratio_z": prior(z, **told, log_ratio=True),
    }
    return Wired(outputs, {"kl_z": Term(params.kl_z_weight, "kl", name="kl_z")}, prior, z.loc, bounded=True)
