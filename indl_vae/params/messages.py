"""Messages for values that are not accepted: which parameter, what was expected, what came, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from indl_vae.params.field import spec_of
from indl_vae.registry import nearest_name

_WORDS = {int: "an integer", float: "a number", bool: "true or false", str: "text"}


def type_name(field: FieldInfo) -> str:
    """Returns a field's type in a word or two, as the parameter tables show it."""
    if spec_of(field).choices:
        return "choice"
    if field.annotation == tuple[int, ...]:
        return "int or list"
    name = getattr(field.annotation, "__name__", None) if isinstance(field.annotation, type) else None
    return name or str(field.annotation).replace("typing.", "").replace("None", "null").replace(
        "tuple[int, ...]", "list"
    )


def bounds_text(field: FieldInfo) -> str:
    """Returns a field's bounds, for example ">= 0 and < 1", or "" when it has none."""
    return " and ".join(f"{operator} {_number(limit)}" for operator, limit in spec_of(field).bounds)


def expectation(field: FieldInfo, choices: tuple[str, ...] = ()) -> str:
    """Returns what a value of the field must be, in words."""
    if choices:
        return "one of " + ", ".join(repr(choice) for choice in choices)
    nullable = "None" in str(field.annotation)
    if field.annotation == tuple[int, ...]:
        words = "an integer, or a list of integers,"
    else:
        words = next((text for kind, text in _WORDS.items() if kind.__name__ in str(field.annotation)), "a value")
    return f"{words} {bounds_text(field)}".strip().rstrip(",") + (", or null" if nullable else "")


def explain(error: ValidationError, cls: type[BaseModel], sources: Mapping[str, tuple[str, Any]]) -> str:
    """Returns the message for everything that pydantic found wrong, a line each."""
    lines = []
    for found in error.errors():
        name = str(found["loc"][0]) if found["loc"] else ""
        line = _explain_value(name, found, cls, sources.get(name)) if name else str(found["ctx"]["error"])
        if line not in lines:  # a union reports a fault once for each member
            lines.append(line)
    return "\n".join(lines)


def _explain_value(name: str, found: Any, cls: type[BaseModel], source: tuple[str, Any] | None) -> str:
    field = cls.model_fields[name]
    raised = str(found.get("ctx", {}).get("error", ""))
    if raised.startswith("expected"):
        return f"{name}: {raised}."
    choices: tuple[str, ...] = getattr(cls, "choices_of", lambda _: ())(name)
    written, value = source or (name, found["input"])
    given_as = f" (given as {written})" if written != name else ""
    expected, remedy = expectation(field, choices), _remedy(name, field, choices, value)
    return f"{name}: expected {expected}, got {value!r}{given_as}. {remedy}"


def _remedy(name: str, field: FieldInfo, choices: tuple[str, ...], value: Any) -> str:
    near = nearest_name(str(value), choices)
    if near:
        return f"Did you mean {near!r}?"
    default = list(field.default) if isinstance(field.default, tuple) else field.default
    return f"Set {name} accordingly, for example to its default {'null' if default is None else repr(default)}."


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"
