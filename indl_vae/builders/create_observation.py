"""The observation model of latent dynamical systems."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.builders.create_likelihood import create_likelihood
from indl_vae.errors import ConfigError
from indl_vae.layers import FirstStates, ScaledReadout
from indl_vae.numerics import derive_seed
from indl_vae.params import ObservationGroup, narrow


class Observation:
    """Maps latent states to likelihood parameters, with the same layers each time it is called.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `readout`, `readout_bias`, `likelihood` and its options,
            `seed`.
        n_channels: Number N of observed channels.
        readout: Kind of read-out where `readout` is "auto".

    Attributes:
        kind: "linear", "relu" or "identity".
        readout: The layer from states to the likelihood's pre-activations.
        likelihood: The likelihood.

    Raises:
        ConfigError: An identity read-out of a likelihood that needs more than one number for each channel.
    """

    def __init__(self, params: Any, n_channels: int, readout: str = "linear") -> None:
        group = narrow(ObservationGroup, params)
        self.kind = readout if group.readout == "auto" else group.readout
        self.likelihood = create_likelihood(group, n_channels)
        per_channel = self.likelihood.params_per_channel
        if self.kind == "identity" and per_channel > 1:
            raise ConfigError(
                f"readout: 'identity' expects a likelihood with one number for each channel, got {group.likelihood!r} "
                f"with {per_channel}. Set gaussian_scale = 'per_channel', or readout = 'linear'."
            )
        self.readout = _readout(group, self.kind, n_channels, per_channel)

    def __call__(self, z: Any) -> Any:
        """Returns raw likelihood parameters `(B, T, N * parameters per channel)` of states `(B, T, M)`."""
        return self.likelihood(self.readout(keras.ops.relu(z) if self.kind == "relu" else z))


def _readout(group: ObservationGroup, kind: str, n_channels: int, per_channel: int) -> keras.layers.Layer:
    if kind == "identity":
        return FirstStates(n_channels, name="readout")
    scaled = group.likelihood == "gaussian" and group.scale_channels
    bias = group.likelihood != "gaussian" if group.readout_bias is None else group.readout_bias
    shared = {
        "use_bias": bias,
        "kernel_initializer": _start(group),
        "name": "readout",
    }
    if scaled:
        return ScaledReadout(n_channels * per_channel, n_channels, **shared)
    return keras.layers.Dense(n_channels * per_channel, **shared)


def _start(group: ObservationGroup) -> keras.initializers.Initializer:
    """Returns the initial weights: as published for real values; small enough for an exponential of their sum else."""
    seed = derive_seed(group.seed, "readout")
    if group.likelihood == "gaussian":
        return keras.initializers.RandomNormal(stddev=1.0, seed=seed)
    return keras.initializers.LecunNormal(seed=seed)
