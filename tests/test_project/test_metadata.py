"""What the package says of itself is said once, or the same in each place."""

from __future__ import annotations

import configparser
import re
from importlib import metadata

import pytest
import yaml

from tests.test_project.source_tree import PROJECT

EXTRAS = {"cuda", "tune", "ray", "nwb", "docs", "test", "all"}


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(PROJECT / "setup.cfg", encoding="utf-8")
    return parser


def test_version_is_the_same_everywhere(setup):
    source = (PROJECT / "indl_vae" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"', source, re.MULTILINE).group(1)
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    headings = re.findall(r"^## \[(.+?)\]", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert setup["metadata"]["version"] == "attr: indl_vae.__version__"
    assert citation["version"] == version
    assert headings[0] == "Unreleased"
    released = headings[1:]
    assert not released or released[0] == version


def test_extras_are_the_documented_ones(setup):
    assert set(setup["options.extras_require"]) == EXTRAS
    listed = re.search(r"\[(.+)\]", setup["options.extras_require"]["all"]).group(1)
    assert set(listed.split(",")) == EXTRAS - {"all", "cuda"}


def test_the_command_is_installed():
    scripts = {entry.name: entry.value for entry in metadata.entry_points(group="console_scripts")}
    assert scripts.get("indl-vae") == "indl_vae.cli:main"


def test_the_package_says_that_it_is_typed():
    assert (PROJECT / "indl_vae" / "py.typed").is_file()


def test_every_file_of_the_package_goes_into_the_wheel(setup):
    shipped = set()
    for package, patterns in setup["options.package_data"].items():
        folder = PROJECT.joinpath(*package.split("."))
        shipped |= {path for pattern in patterns.split(",") for path in folder.glob(pattern.strip())}
    others = {
        path
        for path in (PROJECT / "indl_vae").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and not path.name.startswith(".")
    }
    assert PROJECT / "indl_vae" / "data" / "synthetic" / "itb_rnn_weights.npz" in others
    assert not others - shipped


def test_licence_is_the_full_apache_text(setup):
    text = (PROJECT / "LICENSE").read_text(encoding="utf-8")
    assert setup["metadata"]["license"] == "Apache-2.0"
    assert "Apache License" in text and "END OF TERMS AND CONDITIONS" in text
    assert "APPENDIX: How to apply the Apache License to your work" in text


@pytest.mark.parametrize("page", sorted(path.name for path in (PROJECT / "docs").glob("*.md")))
def test_every_page_is_in_the_navigation(page):
    assert page in (PROJECT / "mkdocs.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "GLOSSARY.md", "docs/design.md", "docs/index.md"])
def test_relative_links_lead_somewhere(name):
    path = PROJECT / name
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing
