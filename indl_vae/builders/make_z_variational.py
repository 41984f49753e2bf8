"""The posterior heads of the dynamic latent."""

from __future__ import annotations

from typing import Any

from indl_vae.builders.dense import make_dense
from indl_vae.distributions import GaussianPosterior
from indl_vae.numerics import derive_seed
from indl_vae.params import ZPosteriorGroup, narrow
from indl_vae.typing import Latent


def make_z_variational(params: Any, enc_z: Any, dim: int | None = None) -> Latent:
    """Maps the z-encoder's output to q(z_t|x) at every bin and draws from it (a sample in training, else the mean).

    Args:
        params: `Params` or a dict in the seed's keys. Reads `z_latent_size`, `z_latent_off_diag`, `q_z_init_std`,
            `z_scale_transform`, `z_min_var`, `sample_posteriors`, `z_in_cell`, `seed`.
        enc_z: `(B, T, W)`.
        dim: Size of the latent; `z_latent_size` by default.

    Returns:
        `Latent(sample, loc, scale)`, `(B, T, D)` each; scale `(B, T, D, D)` with `z_latent_off_diag`. With `z_in_cell`
        the latent is made inside the generator's cell and `Latent(enc_z, None, None)` hands the codes on to it.
    """
    group = narrow(ZPosteriorGroup, params)
    if group.z_in_cell:
        return Latent(enc_z)
    dim = dim or group.z_latent_size
    posterior = GaussianPosterior(
        dim,
        off_diag=group.z_latent_off_diag,
        init_std=group.q_z_init_std,
        scale_transform=group.z_scale_transform,
        min_var=group.z_min_var,
        seed=derive_seed(group.seed, "q_z"),
        sampled=group.sample_posteriors,
        name="q_z",
    )
    loc = make_dense(dim, group.seed, "z_loc")(enc_z)
    raw = make_dense(posterior.raw_size, group.seed, "z_scale")(enc_z)
    return Latent(*posterior([loc, raw]))
