"""How many channels each region has."""

from __future__ import annotations

from indl_vae.errors import ConfigError
from indl_vae.params import Params, resolve_heldout
from indl_vae.typing import DataSpec


def region_sizes(params: Params, spec: DataSpec) -> tuple[int, ...]:
    """Returns the channels of each region: the parameters', else the data's, else those of a single region.

    Raises:
        ConfigError: They do not add up to the channels of the data.
    """
    sizes = params.region_sizes or spec.region_sizes or (spec.n_channels,)
    if sum(sizes) != spec.n_channels:
        raise ConfigError(
            f"region_sizes: expected sizes that add up to the {spec.n_channels} channels of the data, got "
            f"{list(sizes)}, which add up to {sum(sizes)}. Correct them, or leave them out to take the data file's."
        )
    return tuple(sizes)


def seen_sizes(params: Params, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Returns how many channels of each region the encoder sees."""
    hidden = set(resolve_heldout(params.heldout_channels, sum(sizes)))
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return tuple(
        sum(channel not in hidden for channel in range(end - size, end)) for end, size in zip(ends, sizes, strict=True)
    )
