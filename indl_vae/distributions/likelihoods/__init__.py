"""Likelihoods of the observations; importing this room fills the registry `LIKELIHOODS`."""

from indl_vae.distributions.likelihoods.base import LIKELIHOODS, Likelihood
from indl_vae.distributions.likelihoods.bernoulli import BernoulliLikelihood
from indl_vae.distributions.likelihoods.categorical import CategoricalLikelihood
from indl_vae.distributions.likelihoods.gamma import GammaLikelihood
from indl_vae.distributions.likelihoods.gaussian import GaussianLikelihood
from indl_vae.distributions.likelihoods.huber import HuberLikelihood
from indl_vae.distributions.likelihoods.negative_binomial import NegativeBinomialLikelihood
from indl_vae.distributions.likelihoods.ordinal import OrdinalLikelihood
from indl_vae.distributions.likelihoods.poisson import PoissonLikelihood
from indl_vae.distributions.likelihoods.zero_inflated_gamma import ZeroInflatedGammaLikelihood

__all__ = [
    "LIKELIHOODS",
    "BernoulliLikelihood",
    "CategoricalLikelihood",
    "GammaLikelihood",
    "GaussianLikelihood",
    "HuberLikelihood",
    "Likelihood",
    "NegativeBinomialLikelihood",
    "OrdinalLikelihood",
    "PoissonLikelihood",
    "ZeroInflatedGammaLikelihood",
]
