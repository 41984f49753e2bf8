"""Posterior heads, priors and likelihoods: Keras layers that own their weights and make TFP distributions."""

from indl_vae.distributions.gaussian_posterior import GaussianPosterior
from indl_vae.distributions.learnable_multivariate_normal_diag_cell import LearnableMultivariateNormalDiagCell
from indl_vae.distributions.likelihoods import LIKELIHOODS, Likelihood
from indl_vae.distributions.priors import PRIORS, Prior

__all__ = [
    "LIKELIHOODS",
    "PRIORS",
    "GaussianPosterior",
    "LearnableMultivariateNormalDiagCell",
    "Likelihood",
    "Prior",
]
