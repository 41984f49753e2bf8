"""Pieces of a self-contained HTML page: nothing is fetched, no script runs, and all text is escaped."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

STYLE = """
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --ink: #1b1f24; --soft: #5b636e; --line: #dfe3e8;
  --model: #0072b2; --other: #aeb6c1; --best: #e3f0f9; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1d2127; --ink: #e8eaed; --soft: #a3abb6;
  --line: #333a43; --model: #56b4e9; --other: #596270; --best: #17344a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto,
  "Helvetica Neue", Arial, sans-serif; -webkit-text-size-adjust: 100%; }
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; }
h3 { font-size: 1.02rem; margin: 0 0 .25rem; }
p { margin: 0 0 .75rem; } .soft { color: var(--soft); } .small { font-size: .85rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin: 0 0 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; }
.tiles .card { margin: 0; } .big { font-size: 1.8rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: .2rem .5rem; align-items: center;
  font-size: .82rem; margin-top: .5rem; font-variant-numeric: tabular-nums; }
.bar { height: .6rem; background: var(--other); border-radius: .2rem; min-width: 1px; } .bar.model { background: var(--model); }
.scroll { overflow-x: auto; -webkit-overflow-scrolling: touch; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; } td.number, th.number { text-align: right; white-space: nowrap; }
td.best { background: var(--best); font-weight: 650; } td.word { overflow-wrap: anywhere; }
figure { margin: 0 0 1.25rem; } figcaption { margin: 0 0 .6rem; color: var(--soft); }
.picture { overflow-x: auto; background: #ffffff; border-radius: .4rem; padding: .4rem; }
.picture img { display: block; width: 100%; min-width: 36rem; height: auto; }
details summary { cursor: pointer; padding: .25rem 0; } dl { margin: 0; } dt { font-weight: 600; } dd { margin: 0 0 .5rem; }
@media print { .card, figure { break-inside: avoid; } .picture img { min-width: 0; } }
"""


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
    bars = "".join(
        f'<span>{text(name)}</span><span><span class="bar{" model" if name == next(iter(rows)) else ""}" '
        f'style="display:block;width:{100 * max(row, 0.0) / longest:.1f}%"></span></span><span>{text(number(row))}</span>'
        for name, row in known.items()
    )
    return (
        f'<div class="card"><h3>{text(heading)}</h3><div class="big">{text(number(value))}</div>'
        f'<div class="soft small">{text(unit)}</div><div class="bars">{bars}</div></div>'
    )


def picture(title: str, caption: str, png: bytes) -> str:
    """Returns a figure with its picture inline; the alternative text is title and caption."""
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<figure class="card"><h3>{text(title)}</h3><figcaption>{text(caption)}</figcaption>'
        f'<div class="picture"><img alt="{text(title)}. {text(caption)}" src="data:image/png;base64,{data}"></div></figure>'
    )


def folded(summary: str, content: str) -> str:
    """Returns content that is shown when its summary is tapped."""
    return f"<details><summary>{text(summary)}</summary>\n{content}\n</details>"
