from __future__ import annotations

from html.parser import HTMLParser

import pytest

from indl_vae.analysis import html
from indl_vae.analysis.html import Cell

VOID = {"meta", "img", "link", "br"}


class Checker(HTMLParser):
    """Collects tags, attributes that load something, and tags left open or closed twice."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.sources: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(document)
        self.faults += [f"{tag} is never closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for key, value in attrs if key in ("src", "href", "srcset", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"{tag} is closed but was not open")

    def handle_data(self, data):
        self.words.append(data)


def test_a_page_of_all_pieces_is_well_formed():
    body = html.section(
        "Part",
        html.tile("Score", 0.123456, "bits", {"this model": 0.123456, "mean": -0.1, "none": None}),
        html.table([Cell("", "number"), "name"], [["a", Cell("1", "number best")]]),
        html.picture("Title", "Caption.", b"png"),
        html.folded("more", "<dl></dl>"),
    )
    checker = Checker(html.page("Title", body))
    assert checker.faults == []
    assert checker.sources == ["data:image/png;base64,cG5n"]
    assert "0.1235" in checker.words and "none" not in checker.words


@pytest.mark.parametrize(
    "make",
    [
        lambda evil: html.page(evil, ""),
        lambda evil: html.section(evil, "x"),
        lambda evil: html.table([evil], [[Cell(evil, evil)]]),
        lambda evil: html.tile(evil, 1.0, evil, {evil: 1.0}),
        lambda evil: html.picture(evil, evil, b""),
        lambda evil: html.folded(evil, ""),
    ],
)
def test_text_is_escaped_everywhere(make):
    document = make('<script>alert("1")</script>\'"&')
    assert "<script" not in document and 'alert("' not in document
    assert "script" not in Checker(document).tags


def test_an_empty_section_is_left_out():
    assert html.section("Nothing", "", "") == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "–"), (0.123456, "0.1235"), (1234567, "1234567"), (1e-9, "1e-09"), ("word", "word"), (True, "True")],
)
def test_numbers_are_short(value, expected):
    assert html.number(value) == expected
