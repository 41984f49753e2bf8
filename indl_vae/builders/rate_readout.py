"""The read-out as the generator needs it to feed rates back."""

from __future__ import annotations

from typing import Any

from indl_vae.builders.create_likelihood import create_likelihood
from indl_vae.errors import ConfigError
from indl_vae.layers import RateReadout
from indl_vae.numerics import LOG_RATE_RANGE
from indl_vae.params import OutputGroup, narrow

#: Likelihoods whose mean follows from the first chunk of the read-out, and how.
LINKS = {"poisson": "exp", "gaussian": "identity"}


def rate_readout(params: Any, readout: Any) -> RateReadout:
    """Returns what makes rates of factors: Poisson rates, or Gaussian means.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `likelihood`, `clip_log_rate`.
        readout: Layer of `make_readout`.

    Raises:
        ConfigError: There is no read-out, or the likelihood is another one.
    """
    group = narrow(OutputGroup, params)
    if readout is None:
        raise ConfigError(
            "feedback: 'rates' needs the one read-out of a model of a single session, got none. Choose feedback = "
            "'factors', or pass a layer of make_readout."
        )
    if group.likelihood not in LINKS:
        raise ConfigError(
            f"feedback: 'rates' expects a likelihood among {', '.join(LINKS)}, got {group.likelihood!r}. Choose one, "
            "or feedback = 'factors'."
        )
    n_channels = readout.units // create_likelihood(group, 1).params_per_channel
    limits = LOG_RATE_RANGE if group.likelihood == "poisson" and group.clip_log_rate else None
    return RateReadout(readout, n_channels, LINKS[group.likelihood], limits, name="rate_readout")
