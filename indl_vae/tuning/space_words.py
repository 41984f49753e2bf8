"""What a user says of a search space: names of fields, and values or ranges for them."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.params import Alias, Params, SearchRange, spec_of
from indl_vae.params.aliases import key_table
from indl_vae.params.keys import canonical_key
from indl_vae.registry import nearest_name
from indl_vae.tuning.argument import plain

_KEYS = {"low", "high", "scale"}
_EXAMPLE = "Give a list of values, as [1, 2, 4], or a range, as {low: 1e-4, high: 1e-2, scale: log}."


def read_space(cls: type[Params], space: Mapping[str, Any]) -> dict[str, Any]:
    """Returns field -> tuple of values, `SearchRange`, or None for the declared range.

    Args:
        cls: The params class of the family.
        space: Field or alias -> values; {low, high, scale}, the scale linear if none is given; or None.

    Raises:
        ConfigError: A name that the family does not have, or values that say nothing.
    """
    table, read = key_table((cls,)), {}
    for written, values in space.items():
        field, alias = _field(written, table)
        if field in read:
            raise ConfigError(f"space: {written}: {field} stands twice. Leave one of them out.")
        read[field] = _read(written, values, field, alias)
        _check_declared(cls, field, read[field])
        if isinstance(read[field], SearchRange):
            _check_number(cls, field, written)
    return read


def is_whole(cls: type[Params], field: str) -> bool:
    """Returns whether the values of a field are whole numbers."""
    return float not in _types(cls, field)


def _types(cls: type[Params], field: str) -> tuple[Any, ...]:
    annotation = cls.model_fields[field].annotation
    return typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)


def _field(written: str, table: Any) -> tuple[str, Alias | None]:
    key = canonical_key(str(written))
    if key not in table:
        near = nearest_name(key, table)
        hint = f" Did you mean {near!r}?" if near else ""
        raise ConfigError(f"space: {written!r} is not a parameter of the family.{hint}")
    field, alias = table[key]
    if alias is not None and alias.also:
        raise ConfigError(f"space: {written} sets other parameters than {field} too. Name {field} instead.")
    return field, alias


def _read(written: str, values: Any, field: str, alias: Alias | None) -> Any:
    if values is None or isinstance(values, SearchRange):
        return values
    if isinstance(values, Mapping):
        return _range(written, values, field, alias)
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise ConfigError(f"space: {written}: expected values or a range, got {values!r}. {_EXAMPLE}")
    choices = tuple(_ours(written, plain(value, written), field, alias) for value in values)
    if not choices or any(choice in choices[:i] for i, choice in enumerate(choices)):
        raise ConfigError(f"space: {written}: expected at least one value, and none twice, got {list(choices)}.")
    return choices


def _range(written: str, values: Mapping[str, Any], field: str, alias: Alias | None) -> SearchRange:
    limits = [values.get("low"), values.get("high")]
    numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x) for x in limits)
    scale = values.get("scale", "linear")
    if set(values) - _KEYS or not numbers or scale not in ("linear", "log"):
        raise ConfigError(f"space: {written}: expected low, high and possibly scale, got {dict(values)}. {_EXAMPLE}")
    low, high = sorted(_ours(written, limit, field, alias) for limit in limits)
    if not low < high or limits[0] >= limits[1] or (scale == "log" and low <= 0):
        raise ConfigError(
            f"space: {written}: expected low < high, and low > 0 on a log scale, got {limits[0]} .. {limits[1]} "
            f"({scale}). {_EXAMPLE}"
        )
    return SearchRange(low, high, scale)


def _ours(written: str, value: Any, field: str, alias: Alias | None) -> Any:
    """Returns a value in the meaning of the field."""
    try:
        return alias.read(field, value)[field] if alias is not None else value
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(f"space: {written}: expected a value for {field}, got {value!r}: {error}.") from error


def _check_declared(cls: type[Params], field: str, values: Any) -> None:
    if values is None and spec_of(cls.model_fields[field]).search is None:
        raise ConfigError(f"space: {field}: has no range of its own to search. {_EXAMPLE}")


def _check_number(cls: type[Params], field: str, written: str) -> None:
    if not {int, float} & set(_types(cls, field)):
        raise ConfigError(f"space: {written}: expected a list of values: {field} is no number. {_EXAMPLE}")
