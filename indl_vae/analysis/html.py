"""Pieces of a self-contained HTML page: nothing is fetched, no script runs, and all text is escaped."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from indl_vae.analysis.html_style import STYLE


class Cell(NamedTuple):
    """Text of a table cell and its classes: number, best, word."""

    text: str
    classes: str = ""


def text(value: object) -> str:
    """Returns a value as escaped text."""
    return html.escape(str(value), quote=True)


def number(value: object) -> str:
    """Returns a number to four significant digits, whole numbers and other values as they are, nothing as a dash."""
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def page(title: str, body: str) -> str:
    """Returns a whole HTML document."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def section(heading: str, *parts: str) -> str:
    """Returns parts under a heading; nothing if all parts are empty."""
    content = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{text(heading)}</h2>\n{content}\n</section>\n" if content else ""


def table(header: Sequence[Cell | str], rows: Iterable[Sequence[Cell | str]]) -> str:
    """Returns a table in a card that scrolls sideways where the screen is narrow."""
    head = "".join(_cell(cell, "th") for cell in header)
    body = "\n".join("<tr>" + "".join(_cell(cell, "td") for cell in row) + "</tr>" for row in rows)
    thead = f"<thead><tr>{head}</tr></thead>\n" if header else ""
    return f'<div class="card scroll"><table>{thead}<tbody>\n{body}\n</tbody></table></div>'


def _cell(cell: Cell | str, tag: str) -> str:
    cell = Cell(cell) if isinstance(cell, str) else cell
    classes = f' class="{text(cell.classes)}"' if cell.classes else ""
    return f"<{tag}{classes}>{text(cell.text)}</{tag}>"


def tile(heading: str, value: float | None, unit: str, rows: Mapping[str, float | None]) -> str:
    """Returns a card with one large figure and a bar for each of `rows`, of which the first is drawn as the model's."""
    known = {name: row for name, row in rows.items() if row is not None}
    longest = max([abs(row) for row in known.values()], default=0.0) or 1.0
    bars = "".join(_bar(name, row, row / longest, name == next(iter(rows))) for name, row in known.items())
    return (
        f'<div class="card"><h3>{text(heading)}</h3><div class="big">{text(number(value))}</div>'
        f'<div class="soft small">{text(unit)}</div><div class="bars">{bars}</div></div>'
    )


def _bar(name: str, value: float, share: float, of_model: bool) -> str:
    bar = f'<span class="bar{" model" if of_model else ""}" style="width:{100 * max(share, 0.0):.1f}%"></span>'
    return f"<span>{text(name)}</span><span>{bar}</span><span>{text(number(value))}</span>"


def picture(title: str, caption: str, png: bytes) -> str:
    """Returns a figure with its picture inline; the alternative text is title and caption."""
    source = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
    return (
        f'<figure class="card"><h3>{text(title)}</h3><figcaption>{text(caption)}</figcaption>'
        f'<div class="picture"><img alt="{text(title)}. {text(caption)}" src="{source}"></div></figure>'
    )


def folded(summary: str, content: str) -> str:
    """Returns content that is shown when its summary is tapped."""
    return f"<details><summary>{text(summary)}</summary>\n{content}\n</details>"
