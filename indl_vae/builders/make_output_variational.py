"""The probabilistic readout: factors to the parameters of the observations' distribution."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.builders.create_likelihood import create_likelihood
from indl_vae.builders.dense import make_dense
from indl_vae.errors import ConfigError
from indl_vae.layers import ScaledReadout, SessionReadOut
from indl_vae.numerics import derive_seed
from indl_vae.params import OutputGroup, narrow
from indl_vae.typing import Sessions


def make_output_variational(
    params: Any,
    factors: Any,
    out_dim: int | None = None,
    sessions: Sessions | None = None,
    readout: keras.layers.Layer | None = None,
) -> Any:
    """Maps factors to raw likelihood parameters.

    The layer that turns them into a distribution is `likelihood_of(raw)`: `likelihood_of(raw).distribution(raw)`.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `likelihood` and its options, `out_dim`, `seed`.
        factors: `(B, T, F)`.
        out_dim: Number N of observed channels; `out_dim` of the parameters by default.
        sessions: Of a model whose sessions have channels, and a read-out, of their own; N is then the largest of their
            channel numbers.
        readout: Layer of `make_readout`, where it is used elsewhere too; made here by default.

    Returns:
        `(B, T, N * parameters per channel)`.

    Raises:
        ConfigError: If the number of channels is not given.
    """
    group = narrow(OutputGroup, params)
    n_channels = max(one.n_channels for one in sessions.specs) if sessions else int(out_dim or group.out_dim)
    if n_channels <= 0:
        raise ConfigError(
            "out_dim: expected the number of observed channels, got 0; pass out_dim=N or set it in params."
        )
    likelihood = create_likelihood(group, n_channels)
    if sessions:
        channels, seed = [one.n_channels for one in sessions.specs], derive_seed(group.seed, "readout")
        readout = SessionReadOut(channels, likelihood.params_per_channel, seed=seed, name="readout")
        return likelihood(readout(factors, sessions.number))
    return likelihood((readout or make_readout(group, n_channels))(factors))


def make_readout(params: Any, n_channels: int) -> keras.layers.Dense:
    """Returns the layer from factors to the pre-activations of the likelihood of N channels.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `likelihood` and its options, `seed`.
        n_channels: Number N of observed channels.
    """
    group = narrow(OutputGroup, params)
    per_channel = create_likelihood(group, n_channels).params_per_channel
    if group.likelihood == "gaussian" and group.scale_channels:
        start = keras.initializers.LecunNormal(seed=derive_seed(group.seed, "readout"))
        return ScaledReadout(n_channels * per_channel, n_channels, kernel_initializer=start, name="readout")
    return make_dense(n_channels * per_channel, group.seed, "readout")
