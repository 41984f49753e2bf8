"""From the name of a likelihood to its layer."""

from __future__ import annotations

from typing import Any

from indl_vae.distributions.likelihoods import LIKELIHOODS, Likelihood
from indl_vae.params import OutputGroup, narrow

#: What each likelihood takes from the parameters, as {its argument: our parameter}.
OPTIONS = {
    "poisson": {"clip_log_rate": "clip_log_rate", "normalizer": "poisson_full"},
    "negative_binomial": {"clip_log_rate": "clip_log_rate"},
    "gaussian": {"scale": "gaussian_scale"},
    "huber": {"delta": "huber_delta"},
    "zero_inflated_gamma": {"gamma_loc": "gamma_loc"},
    "ordinal": {"n_levels": "n_levels"},
    "categorical": {"n_levels": "n_levels"},
}


def create_likelihood(params: Any, n_channels: int) -> Likelihood:
    """Returns the likelihood layer that `params` name, for N channels.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `likelihood`, `poisson_full`, `clip_log_rate`,
            `gaussian_scale`, `huber_delta`, `gamma_loc`, `n_levels`.
        n_channels: Number N of observed channels.
    """
    group = narrow(OutputGroup, params)
    options = {argument: group[name] for argument, name in OPTIONS.get(group.likelihood, {}).items()}
    return LIKELIHOODS.get(group.likelihood)(n_channels, name="likelihood", **options)


def likelihood_of(raw: Any) -> Likelihood:
    """Returns the likelihood layer that produced a Keras tensor of `make_output_variational`."""
    return raw._keras_history.operation
