"""What can be set: rows and a Markdown table, derived from the fields."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from indl_vae.params.field import ParamSpec, spec_of
from indl_vae.params.messages import bounds_text, type_name

COLUMNS = ("name", "type", "default", "bounds", "unit", "search", "tune", "live", "aliases", "doc")


def field_names(cls: Any) -> tuple[str, ...]:
    """Returns a class's fields, those of each group together, in the order in which it inherits the groups."""
    names = [name for name in inspect.get_annotations(cls) if name in cls.model_fields]
    for base in cls.__bases__:
        if hasattr(base, "model_fields"):
            names += field_names(base)
    return tuple(dict.fromkeys(names))


def describe(cls: Any, preset: str | None = None) -> list[dict[str, Any]]:
    """Returns a row for every parameter of a params class.

    Args:
        cls: A params class.
        preset: The preset whose values stand in the column "default"; None for the family's own defaults.

    Returns:
        Dicts with the keys of `COLUMNS`. "bounds" lists the choices where the parameter is one.

    Raises:
        ConfigError: The class has no such preset.
    """
    values = cls(preset=preset) if preset is not None else None
    return [_row(cls, name, values) for name in field_names(cls)]


def _row(cls: Any, name: str, values: Any) -> dict[str, Any]:
    field = cls.model_fields[name]
    spec, choices = spec_of(field), cls.choices_of(name)
    return {
        "name": name,
        "type": type_name(field),
        "default": field.default if values is None else values[name],
        "bounds": " | ".join(choice or '""' for choice in choices) or bounds_text(field),
        "unit": spec.unit,
        "search": _search_text(spec),
        "tune": spec.tune,
        "live": spec.live,
        "aliases": tuple(alias.name for alias in spec.aliases),
        "doc": spec.doc,
    }


def _search_text(spec: ParamSpec) -> str:
    search = spec.search or ""
    text = ", ".join(map(str, search)) if isinstance(search, tuple) else str(search)
    return f"{text} where {' and '.join(map(str, spec.when))}" if text and spec.when else text


def markdown_table(rows: Sequence[dict[str, Any]]) -> str:
    """Returns the rows of `describe` as a Markdown table."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    lines += ["| " + " | ".join(_cell(row[column]) for column in COLUMNS) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "null"
    if isinstance(value, tuple):
        value = ", ".join(map(str, value))
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
