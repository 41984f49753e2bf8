"""From keys as users and other codes write them to the fields of a params class."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from indl_vae.errors import ConfigError
from indl_vae.params.field import Alias, spec_of
from indl_vae.params.foreign import UnusedSettingWarning, check_fixed, is_fixed, is_unused, join_lengths
from indl_vae.params.keys import canonical_key, flatten
from indl_vae.registry import nearest_name

Table = Mapping[str, tuple[str, Alias | None]]


@dataclass
class Resolved:
    """What a mapping of keys comes to.

    Attributes:
        values: Field -> value.
        sources: Field -> (key as written, value as written), to be quoted in messages.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, tuple[str, Any]] = field(default_factory=dict)


@lru_cache(maxsize=128)
def key_table(classes: tuple[type[BaseModel], ...]) -> Table:
    """Returns canonical key -> (field, alias or None) over the fields of `classes`; earlier classes win."""
    table: dict[str, tuple[str, Alias | None]] = {}
    for cls in classes:
        for name in cls.model_fields:
            table.setdefault(canonical_key(name), (name, None))
    for cls in classes:
        for name, info in cls.model_fields.items():
            for alias in spec_of(info).aliases:
                table.setdefault(canonical_key(alias.name), (name, alias))
    return table


def field_of(cls: type[BaseModel], key: str) -> str | None:
    """Returns the field that a name of it stands for, however it is spelt; None where there is none."""
    found = key_table((cls,)).get(canonical_key(key))
    return None if found is None else found[0]


def resolve(
    keys: Mapping[str, Any], classes: tuple[type[BaseModel], ...], owner: str, pass_over: Iterable[str] = ()
) -> Resolved:
    """Translates keys to fields.

    Args:
        keys: What was written; nested trees are allowed.
        classes: Params classes whose fields and aliases are known.
        owner: What the keys were meant for, as messages call it.
        pass_over: Canonical keys that are known but belong elsewhere, and are left out without a word.

    Raises:
        ConfigError: A key is unknown, its value cannot be converted, or two keys give one field two values.

    Warns:
        UnusedSettingWarning: Keys of other codes that have no effect here; one warning names them all.
    """
    table, pass_over = key_table(classes), frozenset(pass_over)
    resolved, unused = Resolved(), []
    for key, written, value in join_lengths(list(flatten(keys))):
        if key in table:
            _enter(resolved, *table[key], written, value)
        elif is_fixed(key):
            check_fixed(key, written, value)
        elif is_unused(key):
            unused.append(written)
        elif key not in pass_over:
            raise ConfigError(_unknown_key(key, written, table, owner))
    if unused:
        message = f"accepted from other codes and without effect on {owner}: {', '.join(unused)}."
        warnings.warn(message, UnusedSettingWarning, stacklevel=2)
    return resolved


def _enter(resolved: Resolved, name: str, alias: Alias | None, written: str, value: Any) -> None:
    try:
        settings = alias.read(name, value) if alias else {name: value}
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(
            f"{written}: expected a value for {name} in the spelling of other codes, got {value!r}: {error}."
        ) from error
    for setting, converted in settings.items():
        if setting in resolved.values and resolved.values[setting] != converted:
            other, earlier = resolved.sources[setting]
            raise ConfigError(
                f"{setting} is given twice: {other} = {earlier!r} and {written} = {value!r}. Leave one of them out."
            )
        resolved.values[setting] = converted
        resolved.sources[setting] = (written, value)


def _unknown_key(key: str, written: str, table: Table, owner: str) -> str:
    near = nearest_name(key, table)
    hint = ""
    if near:
        name, alias = table[near]
        hint = (
            f" Did you mean {name!r}?" if alias is None else f" Did you mean {alias.name!r}, another name of {name!r}?"
        )
    return f"{written!r} is not a parameter of {owner}.{hint} `indl-vae params` lists the parameters of a family."
