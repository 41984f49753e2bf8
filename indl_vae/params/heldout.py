"""Which channels are held out: hidden from the encoders and predicted from the others (co-smoothing)."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from indl_vae.errors import ConfigError

_EXPECTED = (
    'expected a slice such as "3::4", a list of channels counted from 0, or an integer k for the last k channels'
)


def parse_slice(text: str) -> slice:
    """Returns the slice that "start:stop:step" stands for; parts may be left out, as in Python.

    Raises:
        ValueError: The text is not a slice.
    """
    parts = text.strip().split(":")
    if not 2 <= len(parts) <= 3:
        raise ValueError(f"{text!r} is not a slice")
    numbers = [int(part) if part.strip() else None for part in parts]
    if len(numbers) == 3 and numbers[2] == 0:
        raise ValueError(f"{text!r} has a step of 0")
    return slice(*numbers)


def resolve_heldout(spec: str | int | Sequence[int] | None, n_channels: int) -> tuple[int, ...]:
    """Returns the held-out channels, counted from 0, in increasing order.

    Args:
        spec: None (none), an int k (the last k channels), a list of channels, or a slice as text. With 60 channels
            "60:" means that all are seen.
        n_channels: Number of channels N of the data.

    Raises:
        ConfigError: The channels are not in the data, are given twice, or none would be left to be seen.
    """
    chosen = _chosen(_normal(spec), n_channels)
    if len(chosen) >= n_channels > 0 and chosen:
        raise ConfigError(
            f"heldout_channels = {spec!r} holds out all {n_channels} channels: leave some for the encoders to see."
        )
    return chosen


def check_seen_bins(n_bins: int, heldout_bins: int, f_enc_input_samps: int) -> None:
    """Checks that held-out bins and the leading segment leave the encoders something to see.

    Args:
        n_bins: Number of bins T of the data.
        heldout_bins: Bins at the end of every trial that the encoders do not see.
        f_enc_input_samps: Leading bins that the f encoder sees, 0 for all.

    Raises:
        ConfigError: They do not fit into a trial.
    """
    if heldout_bins >= n_bins:
        raise ConfigError(
            f"heldout_bins = {heldout_bins} holds out all {n_bins} bins of a trial: leave some for the encoders to see."
        )
    if f_enc_input_samps > n_bins - heldout_bins:
        raise ConfigError(
            f"f_enc_input_samps: expected at most the {n_bins - heldout_bins} bins that the encoders see, got "
            f"{f_enc_input_samps}. Lower it, or set 0 for all of them."
        )


def _chosen(spec: Any, n_channels: int) -> tuple[int, ...]:
    if spec is None:
        return ()
    if isinstance(spec, int):
        if spec > n_channels:
            raise ConfigError(
                f"heldout_channels = {spec}: expected at most the number of channels less one, {n_channels - 1}."
            )
        return tuple(range(n_channels - spec, n_channels))
    if isinstance(spec, tuple):
        beyond = [channel for channel in spec if channel >= n_channels]
        if beyond:
            raise ConfigError(
                f"heldout_channels: the data have channels 0 to {n_channels - 1}, got {beyond}. Remove those."
            )
        return tuple(sorted(spec))
    chosen = tuple(sorted(range(n_channels)[parse_slice(spec)]))
    if not chosen and parse_slice(spec).start != n_channels:
        raise ConfigError(
            f"heldout_channels = {spec!r} chooses none of {n_channels} channels: give another slice, or null for none."
        )
    return chosen


def _normal(spec: Any) -> Any:
    try:
        return _check(_prepare(spec))
    except ValueError as error:
        raise ConfigError(f"heldout_channels: {error}.") from error


def _prepare(value: Any) -> Any:
    """Lists become tuples and 0 becomes None, so that equal meanings are equal values."""
    if isinstance(value, bool):
        raise ValueError(f"{_EXPECTED}, got {value!r}")
    if value is None or isinstance(value, str):
        return value
    if hasattr(value, "tolist"):  # a numpy array or number
        value = value.tolist()
    if isinstance(value, Sequence):
        return tuple(_index(entry) for entry in value) or None
    return _index(value) or None


def _index(value: Any) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError as error:
        raise ValueError(f"{_EXPECTED}, got {value!r}") from error


def _check(value: Any) -> Any:
    if isinstance(value, str):
        try:
            parse_slice(value)
        except ValueError as error:
            raise ValueError(f"{_EXPECTED}, got {value!r}") from error
    numbers = value if isinstance(value, tuple) else (value,) if isinstance(value, int) else ()
    if any(number < 0 for number in numbers):
        raise ValueError(f"{_EXPECTED}, got {value!r} with a negative number")
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"{_EXPECTED}, got {value!r} with a channel twice")
    return value


#: Type of the parameter `heldout_channels`.
HeldOut = Annotated[str | int | tuple[int, ...] | None, BeforeValidator(_prepare), AfterValidator(_check)]
