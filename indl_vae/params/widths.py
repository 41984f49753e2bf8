"""The type of a field that holds the widths of a stack of layers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator


def _is_width(entry: Any) -> bool:
    if isinstance(entry, bool) or not isinstance(entry, (int, float)):
        return False
    return entry >= 1 and float(entry).is_integer()


def _as_widths(value: Any) -> Any:
    entries = _as_stack(value)
    if not entries:
        raise ValueError("not the width of a layer")
    return entries


def _as_stack(value: Any) -> Any:
    written = value if isinstance(value, (list, tuple)) else () if value is None else (value,)
    entries = [int(entry) if isinstance(entry, str) and entry.isdecimal() else entry for entry in written]
    if not all(_is_width(entry) for entry in entries):
        raise ValueError("not the width of a layer")
    return tuple(int(entry) for entry in entries)


#: Widths of a stack of layers: an integer stands for one layer, a list for several. Stored as a tuple.
Widths = Annotated[tuple[int, ...], BeforeValidator(_as_widths)]
#: The same, where there may be no layer: an empty list, or null.
Stack = Annotated[tuple[int, ...], BeforeValidator(_as_stack)]
