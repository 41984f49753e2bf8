"""Every likelihood with the options that change its path through the code; the contract tests run over all of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from indl_vae.distributions.likelihoods import (
    BernoulliLikelihood,
    CategoricalLikelihood,
    GammaLikelihood,
    GaussianLikelihood,
    HuberLikelihood,
    Likelihood,
    NegativeBinomialLikelihood,
    OrdinalLikelihood,
    PoissonLikelihood,
    ZeroInflatedGammaLikelihood,
)


class Case(NamedTuple):
    """A likelihood and what its data look like."""

    cls: type[Likelihood]
    options: dict[str, Any]
    values: tuple[float, ...]  # data to score, the 0 of missing entries among them
    discrete: bool


CASES: dict[str, Case] = {
    "poisson": Case(PoissonLikelihood, {}, (0.0, 1.0, 7.0), True),
    "poisson unclipped": Case(PoissonLikelihood, {"clip_log_rate": False}, (0.0, 1.0, 7.0), True),
    "gaussian per_bin": Case(GaussianLikelihood, {}, (0.0, -3.0, 2.5), False),
    "gaussian per_channel": Case(GaussianLikelihood, {"scale": "per_channel"}, (0.0, -3.0, 2.5), False),
    "gaussian fixed": Case(GaussianLikelihood, {"scale": "fixed"}, (0.0, -3.0, 2.5), False),
    "huber": Case(HuberLikelihood, {"delta": 0.7}, (0.0, -3.0, 2.5), False),
    "negative_binomial": Case(NegativeBinomialLikelihood, {"init_dispersion": 0.4}, (0.0, 1.0, 7.0), True),
    "bernoulli": Case(BernoulliLikelihood, {}, (0.0, 1.0, 1.0), True),
    "ordinal": Case(OrdinalLikelihood, {"n_levels": 4}, (0.0, 1.0, 3.0), True),
    "ordinal two levels": Case(OrdinalLikelihood, {"n_levels": 2}, (0.0, 1.0, 1.0), True),
    "categorical": Case(CategoricalLikelihood, {"n_levels": 3}, (0.0, 1.0, 2.0), True),
    "gamma": Case(GammaLikelihood, {}, (0.0, 0.5, 4.0), False),
    "zero_inflated_gamma": Case(
        ZeroInflatedGammaLikelihood, {"gamma_loc": 0.1, "scale_init": 5.0, "scale_penalty": 0.1}, (0.0, 0.5, 4.0), False
    ),
}
