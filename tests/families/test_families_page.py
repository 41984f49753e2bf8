"""docs/families.md is what the families say of themselves."""

from __future__ import annotations

from tests.families.page import BUILT, COLUMNS, PAGE, READ, page


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.families.page"


def test_every_cell_is_filled():
    assert all(len(cells) == len(COLUMNS) and all(cells) for cells in BUILT.values())
    text = page()
    assert "??" not in text and "| |" not in text.replace("| | LFADS", "")
    assert len(BUILT) + 2 * len(READ) == sum(line.startswith("| ") for line in text.splitlines()) - 3
