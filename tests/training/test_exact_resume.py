"""A run that was killed anywhere goes on to the numbers of one that was not, to the last bit."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys

import pytest
import tensorflow as tf

import indl_vae
from benchmarks import exact_resume
from benchmarks.resuming.cases import CASES
from benchmarks.resuming.compare import differences, left_by
from benchmarks.resuming.killed_train import POINTS
from indl_vae.errors import RunError
from indl_vae.training.checkpoints import Checkpoints
from tests.cli.tiny import run as command
from tests.training.resuming import assert_same, killed_at, run

#: One of each family for the slow suite; `python -m benchmarks.exact_resume` goes through all.
ONE_OF_EACH = {case.family: name for name, case in reversed(CASES.items())}
QUICK = ("index",)


def test_every_family_and_every_point_is_gone_through():
    planned = exact_resume.plan(exact_resume.chosen(""), thorough=True)
    assert {CASES[name].family for name, _ in planned} == set(indl_vae.families())
    of_cases = planned[: 2 * len(CASES)]
    assert {point for _, kills in of_cases for point, _ in kills} == set(POINTS)
    assert [name for name, kills in of_cases if kills == [("step", 3)]] == list(CASES), "between two steps of epoch 3"
    assert [name for name, kills in of_cases if kills != [("step", 3)]] == list(CASES), "and while something is written"
    assert exact_resume.chosen("dsae; mrsds, slds") == ["dsae, full", "dsae, factorized", "mrsds, slds"]
    with pytest.raises(SystemExit, match="none: expected some of lfads, plain; "):
        exact_resume.chosen("none")


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    return run(tmp_path_factory.mktemp("straight") / "run")


@pytest.mark.parametrize("point", [p if p in QUICK else pytest.param(p, marks=pytest.mark.slow) for p in POINTS])
def test_killed_at_any_point(tmp_path, straight, monkeypatch, point):
    left = killed_at(point, 3, tmp_path, monkeypatch)
    assert_same(run(left, resume=True), straight)


@pytest.fixture
def graphs_optimised():
    """As in a user's process; the tests leave it out, and the last bits depend on it."""
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def test_killed_by_the_system(tmp_path, graphs_optimised):
    """Another family, a process that SIGKILL ends, and the command that resumes it."""
    name = "fhvae, sequences drawn anew"
    case = CASES[name]._replace(settings={**CASES[name].settings, "jit_compile": False, "n_epochs": 4})
    arguments = exact_resume.arguments_of(case, exact_resume.data_of(case, tmp_path))
    killed = [sys.executable, "-m", "benchmarks.resuming.killed_train", "step", "3", "train", *map(str, arguments)]
    done = subprocess.run([*killed, "--out", str(tmp_path / "killed")], capture_output=True, text=True, timeout=300)
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    assert command("train", *arguments, "--out", tmp_path / "straight").exit_code == 0
    assert command("train", *arguments[:2], "--out", tmp_path / "killed", "--resume").exit_code == 0
    assert_same(tmp_path / "killed", tmp_path / "straight")


@pytest.mark.slow
@pytest.mark.parametrize("family", ONE_OF_EACH)
def test_every_family_in_processes_and_with_xla(tmp_path, family):
    name = ONE_OF_EACH[family]
    for _, kills in exact_resume.plan([name], False):
        row = exact_resume.measure(name, tmp_path, kills)
        assert row.different == "-" and row.compared > 50 and row.killed


@pytest.mark.slow
def test_killed_before_anything_was_saved(tmp_path, monkeypatch):
    left = killed_at("step", 1, tmp_path, monkeypatch)
    with pytest.raises(
        RunError, match="expected a checkpoint to resume from, found none; the run ended before its first"
    ):
        run(left, resume=True)


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGE = {
    "a byte of the model": ("model.keras", flipped),
    "the model cut short": ("model.keras", cut),
    "the model empty": ("model.keras", lambda path: path.write_bytes(b"")),
    "the model missing": ("model.keras", lambda path: path.unlink()),
    "a byte of the memory": ("state.json", flipped),
    "the memory empty": ("state.json", lambda path: path.write_bytes(b"")),
    "the memory missing": ("state.json", lambda path: path.unlink()),
    "all of it missing": (".", shutil.rmtree),
}


@pytest.fixture(scope="module")
def cut_short(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        return killed_at("step", 4, tmp_path_factory.mktemp("cut"), patch)


def test_two_runs_that_differ_are_told_apart(straight, cut_short):
    wrong = differences(left_by(cut_short), left_by(straight))
    assert {"metrics.csv", "memory"} < set(wrong) and any(name.startswith("state core") for name in wrong)


@pytest.mark.parametrize(
    "kind", [k if k == "a byte of the model" else pytest.param(k, marks=pytest.mark.slow) for k in DAMAGE]
)
def test_the_newest_state_is_damaged(tmp_path, straight, cut_short, kind):
    name, harm = DAMAGE[kind]
    folder = shutil.copytree(cut_short, tmp_path / "run")
    newest = Checkpoints(folder / "checkpoints").newest()
    assert newest.name == "epoch-3"
    harm(newest / name)
    with pytest.warns(UserWarning, match="epoch-3: damaged .*the checkpoint before it is taken"):
        run(folder, resume=True)
    assert_same(folder, straight)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", [b"", b'[{"name": "epoch-', b"\xff\x00", b'[{"name": "../..", "epoch": 9, "step": 9}]']
)
def test_the_index_is_damaged(tmp_path, straight, cut_short, content):
    folder = shutil.copytree(cut_short, tmp_path / "run")
    (folder / "checkpoints" / "checkpoint").write_bytes(content)
    with pytest.warns(UserWarning, match="checkpoint: damaged .*the checkpoints that are in the folder are taken"):
        run(folder, resume=True)
    assert_same(folder, straight)


def test_all_states_are_damaged(tmp_path, cut_short):
    folder = shutil.copytree(cut_short, tmp_path / "run")
    for path in folder.glob("checkpoints/epoch-*/model.keras"):
        cut(path)
    with (
        pytest.warns(UserWarning, match="epoch-1: damaged"),
        pytest.raises(RunError, match="expected a checkpoint to resume from, found none"),
    ):
        run(folder, resume=True)


@pytest.mark.slow
def test_a_finished_run_has_nothing_left_to_do(tmp_path, straight):
    folder = shutil.copytree(straight, tmp_path / "run")
    assert_same(run(folder, resume=True), straight)


EARLY = {
    "patience": {"n_epochs": 12, "patience": 1, "learning_rate": 0.3},
    "learning rate": {
        "n_epochs": 12,
        "lr_rule": "train_plateau",
        "lr_patience": 1,
        "lr_decay": 0.1,
        "lr_stop": 0.2,
        "learning_rate": 0.3,
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("rule", EARLY)
def test_a_run_that_ended_early(tmp_path, monkeypatch, rule):
    """Killed before its last epoch; and after it, when all is saved but the end: no epoch is added."""
    whole = run(tmp_path / "whole", **EARLY[rule])
    newest = Checkpoints(whole / "checkpoints").newest()
    assert 3 <= int(newest.name.removeprefix("epoch-")) < 12
    assert_same(run(shutil.copytree(whole, tmp_path / "again"), resume=True, **EARLY[rule]), whole)
    left = killed_at("indexed", 2, tmp_path, monkeypatch, **EARLY[rule])
    assert_same(run(left, resume=True, **EARLY[rule]), whole)
