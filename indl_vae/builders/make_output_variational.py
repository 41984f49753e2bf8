"""The probabilistic readout: factors to the parameters of the observations' distribution."""

from __future__ import annotations

from typing import Any

from indl_vae.builders.create_likelihood import create_likelihood
from indl_vae.builders.dense import make_dense
from indl_vae.errors import ConfigError
from indl_vae.params import OutputGroup, narrow


def make_output_variational(params: Any, factors: Any, out_dim: int | None = None) -> Any:
    """Maps factors to raw likelihood parameters.

    The layer that turns them into a distribution is `likelihood_of(raw)`: `likelihood_of(raw).distribution(raw)`.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `likelihood` and its options, `out_dim`, `seed`.
        factors: `(B, T, F)`.
        out_dim: Number N of observed channels; `out_dim` of the parameters by default.

    Returns:
        `(B, T, N * parameters per channel)`.

    Raises:
        ConfigError: If the number of channels is not given.
    """
    group = narrow(OutputGroup, params)
    n_channels = int(out_dim or group.out_dim)
    if n_channels <= 0:
        raise ConfigError(
            "out_dim: expected the number of observed channels, got 0; pass out_dim=N or set it in params."
        )
    likelihood = create_likelihood(group, n_channels)
    readout = make_dense(n_channels * likelihood.params_per_channel, group.seed, "readout")
    return likelihood(readout(factors))
