"""The posterior heads of the static latent."""

from __future__ import annotations

from typing import Any

from indl_vae.builders.dense import make_dense
from indl_vae.distributions import GaussianPosterior
from indl_vae.layers import Dropout
from indl_vae.numerics import derive_seed
from indl_vae.params import FPosteriorGroup, narrow
from indl_vae.typing import Latent


def make_f_variational(params: Any, enc_f: Any) -> Latent:
    """Maps the f-encoder's output to q(f|x) and draws from it (a sample in training, the mean otherwise).

    Args:
        params: `Params` or a dict in the seed's keys. Reads `f_latent_size`, `f_latent_off_diag`, `q_f_init_std`,
            `f_scale_transform`, `f_min_var`, `sample_posteriors`, `dropout_rate`, `seed`.
        enc_f: `(B, U)`.

    Returns:
        `Latent(sample, loc, scale)`, `(B, D)` each; scale `(B, D, D)` with `f_latent_off_diag`.
    """
    group = narrow(FPosteriorGroup, params)
    posterior = GaussianPosterior(
        group.f_latent_size,
        off_diag=group.f_latent_off_diag,
        init_std=group.q_f_init_std,
        scale_transform=group.f_scale_transform,
        min_var=group.f_min_var,
        seed=derive_seed(group.seed, "q_f"),
        sampled=group.sample_posteriors,
        name="q_f",
    )
    enc_f = Dropout(group.dropout_rate, seed=derive_seed(group.seed, "f_dropout"), name="f_dropout")(enc_f)
    loc = make_dense(group.f_latent_size, group.seed, "f_loc")(enc_f)
    raw = make_dense(posterior.raw_size, group.seed, "f_scale")(enc_f)
    return Latent(*posterior([loc, raw]))
