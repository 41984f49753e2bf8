"""What `--arg` says, and what the command makes of a scan."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from indl_vae.cli import app
from indl_vae.cli.devices import Device
from indl_vae.cli.scan import device_words, parse_argument
from indl_vae.errors import ConfigError
from indl_vae.tuning import Argument
from tests.tuning.stub import COMMAND, write_npy


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("dim_z=5,6:z", Argument("dim_z", [5, 6], "z")),
        ("dim_z=[5, 6]:z", Argument("dim_z", [5, 6], "z")),
        ("f_units=[64],[64, 64]:u", Argument("f_units", [[64], [64, 64]], "u")),
        ("learning_rate=1e-3", Argument("learning_rate", [0.001])),
        ("reg=null,[[0.5, 1.0]]:r", Argument("reg", [None, [[0.5, 1.0]]], "r")),
    ],
)
def test_arguments(text, argument):
    assert parse_argument(text) == argument


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dim_z", r"--arg dim_z: expected NAME=V1,V2:AS, for example --arg dim_z=5,6:z"),
        ("dim_z=", r"--arg dim_z=: expected NAME=V1,V2:AS"),
        ("=5:z", r"--arg =5:z: expected NAME=V1,V2:AS"),
        ("path={a:p", r"--arg path=\{a:p: expected values of YAML between commas, got '\{a'. Put text"),
    ],
)
def test_arguments_that_say_nothing(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_argument(text)


def test_the_device_is_passed_on():
    assert device_words(Device("gpu", 1, True)) == ["--device", "gpu:1", "--allow-gpu-growth"]
    assert device_words(Device()) == []


def test_failed_runs_are_named_and_the_exit_code_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("indl_vae.tuning.job.COMMAND", COMMAND)
    words = ["scan", "--data", str(write_npy(tmp_path)), "--out", str(tmp_path / "s"), "--family", "dendplrnn"]
    ended = CliRunner().invoke(app, [*words, "--arg", "dim_z=5,9:z"])
    assert ended.exit_code == 3 and "1 of 2 runs are there" in ended.output
    assert "failed, exit code 1: Error: nine is too many" in ended.output
    assert CliRunner().invoke(app, [*words[:4], str(tmp_path / "t"), *words[5:], "--arg", "dim_z=5"]).exit_code == 0
