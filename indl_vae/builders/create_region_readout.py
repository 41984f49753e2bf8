"""The observation model of several regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from indl_vae.builders.create_likelihood import create_likelihood
from indl_vae.builders.create_region_encoder import split_regions
from indl_vae.builders.dense import make_dense
from indl_vae.errors import ConfigError
from indl_vae.params import RegionEmissionGroup, for_layers, narrow


class RegionReadout:
    """Maps latents to likelihood parameters, each region's from its own latents, with the same layers each time.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `emission_units`, `emission_activations`, `emission_link`,
            `region_latents`, `likelihood` and its options, `seed`.
        region_sizes: Channels of each region.

    Attributes:
        likelihood: The likelihood of all channels.

    Raises:
        ConfigError: The latents that it is called with are not those of so many regions.
    """

    def __init__(self, params: Any, region_sizes: Sequence[int]) -> None:
        group = narrow(RegionEmissionGroup, params)
        self._sizes, self._dim, self._link = tuple(region_sizes), group.region_latents, group.emission_link
        self.likelihood = create_likelihood(group, sum(self._sizes))
        self._poisson = group.likelihood == "poisson"
        self.n_regions = len(self._sizes)
        self._layers = [self._make(group, i, size) for i, size in enumerate(self._sizes)]

    def __call__(self, x: Any) -> Any:
        """Returns raw likelihood parameters `(B, T, N * parameters per channel)` of latents `(B, T, R * d)`."""
        if x.shape[-1] != self._dim * len(self._sizes):
            raise ConfigError(
                f"region_sizes: expected latents of {len(self._sizes)} regions with {self._dim} each, got "
                f"{x.shape[-1]} latents."
            )
        made = []
        for part, layers in zip(split_regions(x, [self._dim] * len(self._sizes)), self._layers, strict=True):
            for layer in layers:
                part = layer(part)
            made.append(part)
        return self.likelihood(self._linked(self._joined(made)))

    def layers_of(self, region: int) -> list[keras.layers.Layer]:
        """Returns the layers of a region, the read-out last."""
        return self._layers[region]

    def _joined(self, parts: list[Any]) -> Any:
        """Returns the parameters of all channels, kind by kind, as the likelihood takes them."""
        kinds = self.likelihood.params_per_channel
        split = [ops.split(part, kinds, -1) for part in parts]
        pieces = [piece for kind in range(kinds) for piece in (one[kind] for one in split)]
        return pieces[0] if len(pieces) == 1 else ops.concatenate(pieces, -1)

    def _linked(self, pre: Any) -> Any:
        if self._link in ("auto", "none") or (self._poisson and self._link == "exp"):
            return pre
        if self._poisson:
            return ops.log(ops.softplus(pre) + keras.config.epsilon())
        first, *rest = ops.split(pre, self.likelihood.params_per_channel, -1)
        mean = ops.exp(first) if self._link == "exp" else ops.softplus(first)
        return ops.concatenate([mean, *rest], -1) if rest else mean

    def _make(self, group: RegionEmissionGroup, region: int, size: int) -> list[keras.layers.Layer]:
        units = group.emission_units
        names = for_layers(group.emission_activations, len(units)) if units else ()
        hidden = [
            make_dense(
                n, group.seed, f"region_{region}_emission_{i}", activation="exponential" if name == "exp" else name
            )
            for i, (n, name) in enumerate(zip(units, names, strict=True))
        ]
        width = size * self.likelihood.params_per_channel
        return [*hidden, make_dense(width, group.seed, f"region_{region}_readout")]
