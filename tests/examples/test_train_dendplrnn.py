"""The script with the arguments of the published code: its folders, its spellings, and what it scores."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.params import Params

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
import train_dendplrnn as script

TINY = "--dim_z 3 -nb 2 -n 2 --jit_compile false --batch_size 4".split()


@pytest.fixture
def data(tmp_path):
    bins = np.arange(60)
    phases = np.random.default_rng(0).uniform(0, 6, (20, 1))
    np.save(tmp_path / "x.npy", np.stack([np.sin(phases + 0.3 * bins), np.cos(phases + 0.3 * bins)], -1))
    return tmp_path / "x.npy"


def test_runs_are_numbered_and_take_the_published_arguments(tmp_path, data, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["--data_path", str(data), "--experiment", "e", "--name", "n", *TINY, "-a", "exp", "10", "-rr", "0.5",
             "0.3", "-ra", "1.0", "0.1", "-clip", "5", "-gc", "2.0", "-ass", "2", "--use_tb", "false"]  # fmt: skip
    assert script.main(words) == 0
    params = Params.from_yaml(tmp_path / "results/e/n/001/params.yaml")
    assert (params.annealing, params.annealing_factor, params.annealing_step_size) == ("exp", 10.0, 2)
    assert (params.reg_ratios, params.reg_alphas) == ((0.5, 0.3), (1.0, 0.1))
    assert (params.clip_range, params.max_grad_norm, params.n_bases, params.rectifier_slope) == (5.0, 2.0, 2, 0.18)
    assert not list((tmp_path / "results/e/n/001/tensorboard").iterdir())
    continued = ["--data_path", str(data), "--experiment", "e", "--name", "n", "--eval", "true", "--metric", "mse"]
    assert script.main([*continued, "--load_model_path", "results/e/n/001", "--n_epochs", "1"]) == 0
    with (tmp_path / "results/e/n/002/dynamics.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert float(row["mse_1"]) >= 0.0 and float(row["persistence_1"]) > 0.0


@pytest.mark.slow
def test_models_below_a_folder_are_scored_without_training(tmp_path, data, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for run in ("1", "7"):
        assert script.main(["--data_path", str(data), "--run", run, *TINY, "--use_tb", "false"]) == 0
    assert script.main(["--data_path", str(data), "--eval", "true", "--eval_dir", "results", "--metric", "mse"]) == 0
    with (tmp_path / "results/dynamics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["run"]).name for row in rows[:2]] == ["001", "007"] and rows[2]["run"].startswith("median of 2")


@pytest.mark.parametrize(
    ("words", "message"),
    [(["--dim_z"], "--dim_z: expected a value behind it"), (["dim_z", "3"], "expected --name value")],
)
def test_words_that_belong_nowhere_are_refused(words, message):
    with pytest.raises(ConfigError, match=message):
        script.further(words)


def test_a_word_that_is_neither_true_nor_false_is_refused(capsys):
    with pytest.raises(SystemExit):
        script.parse(["--data_path", "x.npy", "--eval", "maybe"])
    assert "expected true or false, got 'maybe'" in capsys.readouterr().err


def test_none_is_nothing():
    _, settings = script.parse(["--data_path", "x.npy", "-nb", "None", "--forcing_alpha", "None"])
    assert settings == ["n_bases=null", "forcing_alpha=null"]


def test_lists_have_several_spellings():
    assert script.listed(["exp", "10"]) == '["exp", 10.0]'
    assert script.listed(["0.5,0.3"]) == "[0.5, 0.3]"
    assert script.listed(["['const',", "0.8]"]) == '["const", 0.8]'
