"""Makes docs/lfads_flags.md: `python -m tests.families.lfads.flags.docs`."""

from __future__ import annotations

from pathlib import Path

from indl_vae.params.aliases import key_table
from indl_vae.params.keys import canonical_key
from indl_vae.registry import family_params
from tests.families.lfads.flags.flag_effects import CODES, NOTES

PROJECT = Path(__file__).parents[4]
PAGE = PROJECT / "docs" / "lfads_flags.md"
HEAD = """# Flags of LFADS

Every flag of run_lfads.py and what lfadslite, AutoLFADS and lfads-torch add to them: the parameter of this library that takes it
(`indl-vae params lfads` says what that does), and the test in which two models that differ in the flag alone differ as predicted.
A flag is accepted in its own spelling. This page is made by `python -m tests.families.lfads.flags.docs`.
"""


def parameter(flag: str) -> str | None:
    """Returns the parameter that takes a flag, None where it is none."""
    found = key_table((family_params("lfads"),)).get(canonical_key(*flag.split(".")))
    return found[0] if found else None


def _row(flag: str, test: str | None) -> str:
    name, note = parameter(flag), NOTES.get(flag, "")
    ours = f"`{name}`" if name else note
    where = test or ""
    if where and not where.startswith("tests/"):
        module, function = where.split(".")
        where = f"tests/families/lfads/flags/{module}.py::{function}"
    return f"| `{flag}` | {ours} | {f'`{where}`' if where else ''} |"


def page() -> str:
    """Returns the page as it should be."""
    parts = [HEAD]
    for code, flags in CODES.items():
        rows = [_row(flag, flags[flag]) for flag in sorted(flags, key=str.lower)]
        parts.append("\n".join([f"## {code}\n", "| flag | here | shown by |", "|---|---|---|", *rows]) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
