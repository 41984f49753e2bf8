"""What is wrong with a command is said before TensorFlow loads, and nothing is written."""

from __future__ import annotations

import json
import sys

import pytest

from indl_vae import make_params
from tests.cli.tiny import run, write_data


@pytest.fixture(autouse=True)
def no_tensorflow(monkeypatch):
    """Fails a command that gets as far as loading TensorFlow."""

    def load() -> None:
        raise AssertionError("TensorFlow would load")

    for module in ("indl_vae.cli.train", "indl_vae.cli.open_run", "indl_vae.cli.import_weights"):
        monkeypatch.setattr(sys.modules[module], "load_tensorflow", load)


@pytest.fixture
def folder(tmp_path):
    """A folder that looks like a run, with the data beside it."""
    write_data(tmp_path / "x.h5")
    folder = tmp_path / "run"
    folder.mkdir()
    make_params("lfads").to_yaml(folder / "params.yaml")
    (folder / "best.keras").write_bytes(b"a model")
    (folder / "data.json").write_text(json.dumps({"sha256": "0" * 64}))
    return folder


def contents(folder) -> dict:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_missing_data_is_named(tmp_path):
    result = run("train", "--family", "lfads", "--data", tmp_path / "none.h5", "--out", tmp_path / "run")
    assert result.exit_code == 2 and "none.h5: no such file" in result.stderr
    assert not (tmp_path / "run").exists()


def test_a_run_is_left_untouched(folder):
    before = contents(folder)
    result = run("train", "--family", "lfads", "--data", folder.parent / "x.h5", "--out", folder)
    assert result.exit_code == 2
    assert "something in this folder already; it was not touched" in result.stderr and "--resume" in result.stderr
    assert contents(folder) == before


def test_out_that_is_a_file(tmp_path):
    data = write_data(tmp_path / "x.h5")
    result = run("train", "--family", "lfads", "--data", data, "--out", data)
    assert result.exit_code == 2 and "expected a folder for the run, found a file" in result.stderr


def test_nothing_to_resume(tmp_path):
    result = run("train", "--family", "lfads", "--data", "x.h5", "--out", tmp_path / "run", "--resume")
    assert result.exit_code == 2 and "run: no run to resume here. Start without --resume." in result.stderr


def test_resume_on_other_data(folder):
    result = run("train", "--data", folder.parent / "x.h5", "--out", folder, "--resume")
    assert result.exit_code == 2
    assert "x.h5: not the data that" in result.stderr and "Give the same file, or start a new run" in result.stderr


def test_unknown_setting(tmp_path):
    result = run("train", "--family", "lfads", "--data", "x.h5", "--out", tmp_path / "run", "--set", "n_epoch=3")
    assert result.exit_code == 2 and "Did you mean 'n_epochs'?" in result.stderr


@pytest.mark.parametrize("command", ["posterior", "evaluate"])
def test_commands_on_a_run_check_run_and_data(folder, command):
    out = ["--out", folder / "out"]
    result = run(command, folder.parent, "--data", "x.h5", *out)
    assert result.exit_code == 2
    assert "expected the folder of a run; params.yaml and best.keras not found" in result.stderr
    result = run(command, folder, "--data", folder / "none.h5", *out)
    assert result.exit_code == 2 and "none.h5: no such file" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["prior", "--samples", 3],
        ["export"],
        ["posterior", "--data", "x"],
        ["evaluate", "--data", "x"],
        ["nlb", "--data", "x", "--name", "mc_maze"],
    ],
)
def test_out_that_is_a_folder(folder, command):
    name, *options = command
    result = run(name, folder, *options, "--out", folder)
    assert result.exit_code == 2 and "expected a file to write, found a folder" in result.stderr


def test_a_file_of_trials_that_is_a_folder(folder):
    result = run("evaluate", folder, "--data", "x", "--out", folder / "m.json", "--per-trial", folder)
    assert result.exit_code == 2 and f"--per-trial {folder}: expected a file to write, found a folder" in result.stderr


def test_nlb_with_a_name_that_cannot_be_a_group(folder):
    result = run("nlb", folder, "--data", "x.h5", "--name", "mc/maze", "--out", folder / "s.h5")
    assert result.exit_code == 2 and "name: 'mc/maze', expected letters, digits" in result.stderr


def test_samples_or_mean(folder):
    result = run("posterior", folder, "--data", "x.h5", "--out", "p.h5", "--samples", 3, "--push-mean")
    assert result.exit_code == 2
    assert "--samples and --push-mean: expected one of them, got both" in result.stderr


@pytest.mark.parametrize("command", ["posterior", "evaluate", "prior", "report"])
def test_no_samples(folder, command):
    result = run(command, folder, "--samples", 0)
    assert result.exit_code == 2 and "Invalid value for '--samples'" in result.stderr
