"""The weights of the terms that are added to the negative log-likelihood."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.base import Params
from indl_vae.params.field import When, param
from indl_vae.params.translate import COMPLEX

#: Ranges for nll_reduction "sum"; published ranges for "mean" are lower by the number of entries of a trial, some
#: thousands.
_KL_SEARCH = (5e-3, 5.0, "log")
_L2_SEARCH = (0.5, 5e3, "log")
_PRIORS = ("AR1", "RNN", "LSTM", "GRU", "GRUClip", "tiled")
_KL_Z = (
    When("z_latent_size", absent=True),
    When("z_prior_process", _PRIORS, absent=True),
    When("training", ("svae",), absent=True),
)


class TermsGroup(Params):
    """Weights of the KL and L2 terms. An L2 term is scale * |W|^2 / 2, divided by the number of weights penalised."""

    kl_f_weight: float = param(
        1.0,
        "Weight of KL(q(f) | p(f)).",
        ge=0.0,
        search=_KL_SEARCH,
        tune=True,
        when=(When("f_latent_size"), When("f_prior_process", ("normal",), absent=True)),
        live=True,
        aliases=("kl_ic_weight", "kl_ic_scale"),
    )
    kl_z_weight: float = param(
        1.0,
        "Weight of KL(q(z) | p(z)).",
        ge=0.0,
        search=_KL_SEARCH,
        tune=True,
        when=_KL_Z,
        live=True,
        aliases=("kl_co_weight", "kl_co_scale"),
    )
    co_mean_corr_scale: float = param(
        0.0,
        "Weight of the mean over pairs of inferred inputs of half the squared sum over bins of their means' product.",
        ge=0.0,
        live=True,
    )
    kl_z_reduction: str = param(
        "sum",
        "Whether the KL to a prior of inputs that do not depend on one another is summed over bins, which makes the "
        "loss an ELBO, or averaged, as AutoLFADS and lfads-torch do with that prior.",
        choices=("sum", "mean"),
    )
    kl_sample: str = param(
        "same",
        "Where the KL to an autoregressive prior is evaluated: at the sample the generator saw, at a fresh one, or "
        "in expectation.",
        choices=("same", "fresh", "analytic"),
    )
    l2_gen_scale: float = param(
        0.0,
        "Scale of the L2 term of the generator's recurrent weights.",
        ge=0.0,
        search=_L2_SEARCH,
        tune=True,
        when=(When("gen_units"), When("decoder", ("rnn",), absent=True)),
        live=True,
        aliases=("gen_l2_reg",),
    )
    l2_con_scale: float = param(
        0.0,
        "Scale of the L2 term of the controller's recurrent weights.",
        ge=0.0,
        search=_L2_SEARCH,
        tune=True,
        when=(When("gen_cell_type", (COMPLEX,)), When("con_units"), When("z_latent_size")),
        live=True,
    )
    l2_f_scale: float = param(
        0.0,
        "Scale of the L2 term of the f encoder's recurrent weights.",
        ge=0.0,
        live=True,
        aliases=("l2_ic_enc_scale",),
    )
    l2_z_scale: float = param(
        0.0,
        "Scale of the L2 term of the z encoder's recurrent weights.",
        ge=0.0,
        live=True,
        aliases=("l2_ci_enc_scale",),
    )
    l2_joint_count: bool = param(
        False,
        "Whether the L2 terms divide by the weights of generator and controller together although one of them is not "
        "penalised, as the first LFADS does.",
    )
    l2_biases: bool = param(False, "Whether the L2 terms count the recurrent biases too, as the first LFADS does.")

    @model_validator(mode="after")
    def _mean_kl_of_independent_bins(self) -> Self:
        process = getattr(self, "z_prior_process", "tiled")
        if self.kl_z_reduction == "mean" and process not in ("tiled", "null"):
            raise ValueError(
                f"kl_z_reduction: expected 'sum' with z_prior_process = {process!r}, whose bins depend on one another, "
                "got 'mean'. Set z_prior_process = 'tiled' or kl_z_reduction = 'sum'."
            )
        return self

    @model_validator(mode="after")
    def _pairs_of_inputs(self) -> Self:
        if self.co_mean_corr_scale > 0 and getattr(self, "z_latent_size", 2) < 2:
            raise ValueError(
                "co_mean_corr_scale: expected 0 with fewer than 2 inferred inputs (z_latent_size), which have no pair, "
                f"got {self.co_mean_corr_scale:g}. Set it to 0."
            )
        return self
