"""The prior of the dynamic latent."""

from __future__ import annotations

from typing import Any

from indl_vae.distributions.priors import AR1Prior, NullPrior, Prior, RecurrentNormalPrior, TiledNormalPrior
from indl_vae.numerics import derive_seed
from indl_vae.params import TermsGroup, ZPriorGroup, narrow

CELLS = {"RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU", "GRUClip": "GRUClip"}


def create_z_prior(params: Any) -> Prior:
    """Returns p(z_1..T): AR(1) processes, a recurrent normal, the same normal at every bin, or none.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `z_latent_size`, `z_prior_process`, `z_prior_tau` (bins),
            `z_prior_init_mean`, `z_prior_init_std` (of the noise, for AR1), `z_prior_train_*`, `z_prior_off_diag`,
            `z_prior_units`, `z_prior_mode`, `kl_sample`, `kl_z_reduction`, `seed`.
    """
    group = narrow(ZPriorGroup, params)
    process, size = group.z_prior_process, group.z_latent_size
    if process == "null":
        return NullPrior(size, name="z_prior")
    if process == "AR1":
        return AR1Prior(
            size,
            tau=group.z_prior_tau,
            noise_std=group.z_prior_init_std,
            train_tau=group.z_prior_train_tau,
            train_var=group.z_prior_train_var,
            kl_sample=narrow(TermsGroup, params).kl_sample,
            seed=derive_seed(group.seed, "z_prior"),
            name="z_prior",
        )
    if process in CELLS:
        return RecurrentNormalPrior(
            size,
            group.z_prior_units,
            cell_type=CELLS[process],
            init_std=group.z_prior_init_std,
            mode=group.z_prior_mode,
            seed=derive_seed(group.seed, "z_prior"),
            name="z_prior",
        )
    return TiledNormalPrior(
        size,
        init_loc=group.z_prior_init_mean,
        init_std=group.z_prior_init_std,
        train_mean=group.z_prior_train_mean,
        train_var=group.z_prior_train_var,
        off_diag=group.z_prior_off_diag,
        mean_over_bins=narrow(TermsGroup, params).kl_z_reduction == "mean",
        name="z_prior",
    )
