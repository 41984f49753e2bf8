"""`indl-vae params FAMILY`."""

from __future__ import annotations

import textwrap
from typing import Annotated, Any

import typer

from indl_vae.params import markdown_table
from indl_vae.registry import family_params, resolve_family

_WIDTH = 100


def params(
    family: Annotated[str, typer.Argument(metavar="FAMILY", help="Name of a family.", show_default=False)],
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="PRESET", help="Preset whose values to show.", show_default=False)
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write a Markdown table.")] = False,
) -> None:
    """List every parameter of a family.

    Each with its value, bounds, unit, meaning and other names; [tune]: a search may choose it, [live]: it may change
    while training runs.
    """
    cls = family_params(resolve_family(family)[0])
    rows = cls.describe(preset)
    typer.echo(markdown_table(rows) if markdown else "\n".join(map(_text, rows)), nl=not markdown)


def _text(row: dict[str, Any]) -> str:
    value = "null" if row["default"] is None else _plain(row["default"])
    limits = "; ".join(part for part in (row["bounds"], row["unit"]) if part)
    marks = ", ".join(mark for mark in ("tune", "live") if row[mark])
    head = f"{row['name']} = {value}" + (f"    ({limits})" if limits else "") + (f"    [{marks}]" if marks else "")
    body = row["doc"] + (f" Also: {', '.join(row['aliases'])}." if row["aliases"] else "")
    return head + "\n" + textwrap.fill(body, _WIDTH, initial_indent="    ", subsequent_indent="    ")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value) or '""'
