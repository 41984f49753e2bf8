"""What `--space` says, which options go together, and what the command makes of a search."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from indl_vae.cli import app
from indl_vae.cli.tune import parse_space
from indl_vae.errors import ConfigError
from indl_vae.params import Params
from tests.cli.tiny import SETTINGS, run, write_data
from tests.tuning.search_stub import COMMAND, write_npy


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("learning_rate=1e-4..1e-2:log", {"learning_rate": {"low": 1e-4, "high": 1e-2, "scale": "log"}}),
        ("dropout_rate=0..0.5", {"dropout_rate": {"low": 0, "high": 0.5, "scale": "linear"}}),
        ("gen_units=64..256", {"gen_units": {"low": 64, "high": 256, "scale": "linear"}}),
        ("shift=-1.5..-.5", {"shift": {"low": -1.5, "high": -0.5, "scale": "linear"}}),
        ("dim_z=[5, 6]", {"dim_z": [5, 6]}),
        ("dim_z=5,6", {"dim_z": [5, 6]}),
        ("f_units=[64],[64, 64]", {"f_units": [[64], [64, 64]]}),
        ("lr_rule=none,cosine", {"lr_rule": ["none", "cosine"]}),
        ("learning_rate", {"learning_rate": None}),
    ],
)
def test_spaces(text, space):
    assert parse_space([text]) == space


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["=5"], r"--space =5: expected NAME=LOW\.\.HIGH, NAME=LOW\.\.HIGH:log, NAME=\[A, B\] or NAME"),
        (["dim_z="], r"--space dim_z=: expected NAME=LOW"),
        (["a={b"], r"--space a=\{b: expected values of YAML between commas, got '\{b'"),
        (["a=1,2", "a"], "--space a: a stands twice"),
    ],
)
def test_spaces_that_say_nothing(texts, message):
    with pytest.raises(ConfigError, match=message):
        parse_space(texts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--role", "boss"], "--role boss: expected chief or worker"),
        (["--role", "chief"], "--role and --address: expected both or none"),
        (["--address", "a:1"], "--role and --address: expected both or none"),
        (["--role", "chief", "--address", "a:1", "--workers", "2"], "--workers: expected none with --role chief"),
        (["--role", "worker", "--address", "a:1", "--seed", "3"], "--seed: expected nothing of the kind with --role worker"),
        (["--role", "worker", "--address", "a:1", "--space", "f"], "--space: expected nothing of the kind with --role"),
        (["--role", "worker", "--address", "a"], r"--address a: expected HOST:PORT"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(tmp_path, options, message):
    ended = CliRunner().invoke(app, ["tune", "--data", "x.npy", "--out", str(tmp_path / "s"), *options])
    assert ended.exit_code == 2 and message in ended.output


def test_a_search(tmp_path, monkeypatch):
    monkeypatch.setattr("indl_vae.tuning.job.COMMAND", COMMAND)
    words = ["tune", "--data", str(write_npy(tmp_path)), "--out", str(tmp_path / "s"), "--family", "dendplrnn"]
    words += ["--set", "select_on=hidden", "--set", "kl_ramp_length=0", "--epochs", "2", "--tuner", "random"]
    ended = CliRunner().invoke(app, [*words, "--space", "learning_rate=1e-4..1e-2:log", "--trials", "2"])
    assert ended.exit_code == 0 and "2 of 2 trials have a score" in ended.output
    assert f"best.yaml, run {tmp_path / 's/trials'}" in ended.output.replace("\n", "")
    best = Params.from_yaml(tmp_path / "s/best.yaml")
    assert best.select_on == "hidden" and 1e-4 < best.learning_rate < 1e-2
    refused = CliRunner().invoke(app, [*words[:4], str(tmp_path / "t"), "--family", "dendplrnn"])
    assert (
        refused.exit_code == 2 and "select_on: expected 'hidden' or 'heldout_channels' for a search" in refused.output
    )


@pytest.mark.slow
def test_trials_are_trained_and_the_best_settings_train(tmp_path):
    data = write_data(tmp_path / "lorenz.h5")
    words = ["tune", "--data", data, "--out", tmp_path / "s", "--trials", "2", "--epochs", "2", *SETTINGS]
    ended = run(*words, "--space", "learning_rate=1e-4,1e-2", "--space", "keep_prob=0.9,0.95", "--space", "co_dim=0,1")
    assert ended.exit_code == 0, ended.output
    assert run("train", "--data", data, "--config", tmp_path / "s/best.yaml", "--out", tmp_path / "r").exit_code == 0
    again = run("tune", "--data", data, "--out", tmp_path / "h", "--tuner", "hyperband", "--epochs", "3", *SETTINGS,
                "--space", "learning_rate=1e-4..1e-2:log")  # fmt: skip
    assert again.exit_code == 0, again.output
    rows = (tmp_path / "h/tuning.csv").read_text()
    assert "goes_on_with" in rows.splitlines()[0] and "failed" not in rows
