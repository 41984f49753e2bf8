"""The declared range of a field, as far as a family accepts it under its other settings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from indl_vae.params import Params, SearchRange

#: Fields that weigh terms against a likelihood that is summed over bins and channels.
WEIGHTS = ("kl_f_weight", "kl_z_weight", "l2_gen_scale", "l2_con_scale", "discriminative_weight", "message_penalty")
_HALVINGS = 30


def declared_values(
    search: Any, name: str, base: Params, entries: tuple[int, int] | None, accepts: Callable[[Any], bool]
) -> Any:
    """Returns choices or the range of a field that are left of those declared; None where there is nothing to choose.

    Weights of the loss are declared for a likelihood that is summed; where it is averaged, they are as much smaller.
    The value that the field has without a search is one of the choices. Choices of a width mean as many layers as
    there are.

    Args:
        search: As declared.
        name: The field.
        base: The parameters without a search.
        entries: Bins and channels of a trial, None where they are not known.
        accepts: Whether the family accepts a value.
    """
    if isinstance(search, SearchRange):
        return _accepted_range(_per_entry(search, name, base.nll_reduction, entries), accepts)
    own = base[name]
    choices = [value for value in search]
    if isinstance(own, tuple):
        choices = [value if len(own) == 1 else [value] * len(own) for value in choices]
        own = own[0] if len(own) == 1 else list(own)
    if own is not None and own not in choices and isinstance(own, (int, float)) and not _is_off(own, choices):
        choices = sorted([*choices, own])
    left = tuple(value for value in choices if accepts(value))
    return left if len(left) > 1 else None


def _is_off(own: Any, choices: list[Any]) -> bool:
    """Returns whether a value of 0 means "none of it", where the choices are of how much."""
    return own == 0 and all(isinstance(choice, (int, float)) and choice > 0 for choice in choices)


def _per_entry(search: SearchRange, name: str, reduction: str, entries: tuple[int, int] | None) -> SearchRange:
    n_bins, n_channels = entries or (1, 1)
    parts = {"sum": 1, "bin": n_bins, "mean": n_bins * n_channels}[reduction]
    if name not in WEIGHTS or parts == 1:
        return search
    return SearchRange(search.low / parts, search.high / parts, search.scale)


def _accepted_range(search: SearchRange, accepts: Callable[[Any], bool]) -> SearchRange | None:
    """Returns the part of a range that is accepted, one end of which has to be."""
    low_fits, high_fits = accepts(search.low), accepts(search.high)
    if low_fits and high_fits:
        return search
    if not (low_fits or high_fits):
        return None
    good, bad = (search.low, search.high) if low_fits else (search.high, search.low)
    for _ in range(_HALVINGS):
        middle = math.sqrt(good * bad) if search.scale == "log" else (good + bad) / 2
        good, bad = (middle, bad) if accepts(middle) else (good, middle)
    low, high = (search.low, good) if low_fits else (good, search.high)
    return SearchRange(low, high, search.scale) if low < high else None
