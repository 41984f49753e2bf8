from __future__ import annotations

import pytest

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.families.lfads.params import LFADSParams
from indl_vae.params import describe, markdown_table
from indl_vae.params.describe import COLUMNS


def row(name: str, preset: str | None = None) -> dict:
    return next(row for row in LFADSParams.describe(preset) if row["name"] == name)


def test_rows():
    rows = LFADSParams.describe()
    assert [entry["name"] for entry in rows] == list(make_params("lfads").keys())
    assert all(tuple(entry) == COLUMNS for entry in rows)
    assert row("learning_rate") == {
        "name": "learning_rate",
        "type": "float",
        "default": 4e-3,
        "bounds": "> 0",
        "unit": "",
        "search": "1e-05 .. 0.01 (log)",
        "tune": True,
        "live": True,
        "aliases": ("learning_rate_init", "lr_init"),
        "doc": "Learning rate at the start.",
    }


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("f_units", "type", "int or list"),
        ("f_units", "search", "32, 64, 128, 256 where f_latent_size > 0"),
        ("bin_width_s", "type", "float | null"),
        ("bin_width_s", "unit", "s"),
        ("heldout_channels", "type", "str | int | list | null"),
        ("ramp_unit", "type", "choice"),
        ("ramp_unit", "bounds", "epoch | step"),
        ("dropout_rate", "bounds", ">= 0 and < 1"),
        ("seed", "bounds", ">= 0 and <= 2147483647"),
    ],
)
def test_cells(name, column, expected):
    assert row(name)[column] == expected


def test_the_defaults_of_a_preset():
    assert row("adam_epsilon", "tf1")["default"] == 0.1
    assert row("adam_epsilon")["default"] == row("adam_epsilon", "default")["default"] == 1e-7
    with pytest.raises(ConfigError, match="preset: expected one of default"):
        describe(LFADSParams, "none")


def test_markdown():
    lines = markdown_table(LFADSParams.describe()).splitlines()
    assert lines[0] == "| name | type | default | bounds | unit | search | tune | live | aliases | doc |"
    assert len(lines) == 2 + len(LFADSParams.model_fields)
    assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1
    z_lag = next(line for line in lines if line.startswith("| z1_lag "))
    assert z_lag.startswith("| z1_lag | int | 1 | >= 0 | bins |  | no | no | controller_input_lag, ci_lag, zd_lag |")
    assert r"| epoch \| step |" in next(line for line in lines if line.startswith("| ramp_unit "))
    assert "| null |" in next(line for line in lines if line.startswith("| bin_width_s "))
