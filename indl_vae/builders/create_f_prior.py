"""The prior of the static latent."""

from __future__ import annotations

from typing import Any

from indl_vae.distributions.priors import MultivariateNormalPrior, NullPrior, Prior
from indl_vae.params import FPriorGroup, narrow


def create_f_prior(params: Any) -> Prior:
    """Returns p(f): a normal with mean `f_prior_init_mean` and deviation `f_prior_init_std` at the start, or none.

    Mean and variance are learned as asked; the variance also where it has limits that leave it room.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `f_latent_size`, `f_prior_process`, `f_prior_off_diag`,
            `f_prior_init_mean`, `f_prior_train_mean`, `f_prior_train_var`, `f_prior_init_std`, `f_prior_var_min`,
            `f_prior_var_max`, `f_prior_tf1_compat`, and `f_prior_kappa`: above 0 it is the initial variance, as
            LFADS's initial-condition prior N(m, kappa I).
    """
    group = narrow(FPriorGroup, params)
    if group.f_prior_process == "null":
        return NullPrior(group.f_latent_size, name="f_prior")
    return MultivariateNormalPrior(
        group.f_latent_size,
        init_loc=group.f_prior_init_mean,
        init_std=group.f_prior_kappa**0.5 if group.f_prior_kappa > 0 else group.f_prior_init_std,
        train_mean=group.f_prior_train_mean,
        train_var=group.f_prior_train_var or group.f_prior_var_max > group.f_prior_var_min,
        off_diag=group.f_prior_off_diag,
        var_min=group.f_prior_var_min,
        var_max=group.f_prior_var_max,
        tf1_compat=group.f_prior_tf1_compat,
        name="f_prior",
    )
