"""The prior of the static latent."""

from __future__ import annotations

from typing import Any

from indl_vae.distributions.priors import MultivariateNormalPrior
from indl_vae.params import FPriorGroup, narrow


def create_f_prior(params: Any) -> MultivariateNormalPrior:
    """Returns p(f): a normal with mean 0 and standard deviation `f_prior_init_std` at the start, learned as asked.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `f_latent_size`, `f_prior_off_diag`, `f_prior_train_mean`,
            `f_prior_train_var`, `f_prior_init_std`, `f_prior_var_min`, `f_prior_var_max`, and `f_prior_kappa`: above 0
            it is the initial variance, as LFADS's initial-condition prior N(m, kappa I).
    """
    group = narrow(FPriorGroup, params)
    return MultivariateNormalPrior(
        group.f_latent_size,
        init_std=group.f_prior_kappa**0.5 if group.f_prior_kappa > 0 else group.f_prior_init_std,
        train_mean=group.f_prior_train_mean,
        train_var=group.f_prior_train_var,
        off_diag=group.f_prior_off_diag,
        var_min=group.f_prior_var_min,
        var_max=group.f_prior_var_max,
        name="f_prior",
    )
