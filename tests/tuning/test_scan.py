"""Scans with a stand-in for the training: folders, tables, what is kept, what fails."""

from __future__ import annotations

import json
import sys

import pytest

from indl_vae.cores import usable_cores
from indl_vae.errors import ConfigError, DataError
from indl_vae.params import Params
from indl_vae.tuning import Argument, scan
from tests.tuning.stub import ARGUMENTS, COMMAND, stub_scan, table, write_npy


def test_every_combination_is_trained_as_often_as_asked_for(tmp_path):
    rows, said = stub_scan(tmp_path, n_runs=2, n_cpu=2)
    assert [(row["name"], row["run"], row["seed"]) for row in rows] == [
        (name, number, number - 1) for name in ("z5b1", "z5b2", "z6b1", "z6b2") for number in (1, 2)
    ]
    assert {row["status"] for row in rows} == {"finished"}
    assert said[0] == "0 of 8 runs are finished; the others, 2 at once."
    assert len(said) == 9 and said[-1].startswith("8/8  ") and said[-1].endswith("; all done")
    params = Params.from_yaml(tmp_path / "scan/z6b1/002/params.yaml")
    assert (params.z_latent_size, params.n_bases, params.seed) == (6, 1, 1)
    log = (tmp_path / "scan/z6b1/002.log").read_text()
    assert log.startswith("$ ") and f"--out {tmp_path / 'scan/z6b1/002'}" in log


def test_the_tables(tmp_path):
    stub_scan(tmp_path, [Argument("epochs", [4, 5], "e"), Argument("f", [[1, 2]])][:1], n_runs=2)
    rows = table(tmp_path / "scan/scan.csv")
    assert (
        list(rows[0])
        == (
            "name run set_epochs seed status epochs best_epoch loss val_loss val_selection val_r2 seconds folder exit_code said"
        ).split()
    )
    expected = {"name": "e4", "run": "2", "set_epochs": "4", "seed": "1", "status": "finished", "epochs": "4.0"}
    expected |= {"best_epoch": "3", "val_loss": "1.0", "val_selection": "6.0", "val_r2": "nan", "exit_code": "0"}
    assert rows[1].items() >= expected.items(), "the scores of the epoch that was kept, not of the lowest selection"
    line = table(tmp_path / "scan/scan_summary.csv")[0]
    expected = {
        "name": "e4",
        "set_epochs": "4",
        "runs": "2",
        "finished": "2",
        "not_finished": "",
        "val_loss_mean": "0.5",
    }
    assert line.items() >= expected.items()
    assert float(line["val_loss_std"]) == pytest.approx(0.5**0.5), "the deviation of a sample"
    assert line["left_out"] == "val_r2 of 1, val_r2 of 2" and "val_r2_mean" not in line


def test_lists_and_nothing_as_values(tmp_path):
    arguments = [Argument("f_units", [[4], [4, 5]], "u"), Argument("latent_channels", [None], "n")]
    scan("lfads", write_counts(tmp_path), tmp_path / "scan", arguments[:1], command=dead(0), report=str)
    rows = table(tmp_path / "scan/scan.csv")
    assert [(row["name"], row["f_units"]) for row in rows] == [("u4", "[4]"), ("u4-5", "[4, 5]")]


def test_what_is_finished_is_kept_and_more_may_be_added(tmp_path):
    stub_scan(tmp_path)
    before = (tmp_path / "scan/z5b1/001/metrics.csv").stat().st_mtime_ns
    rows, said = stub_scan(tmp_path, [Argument("dim_z", [4, 5, 6], "z"), ARGUMENTS[1]], n_runs=2)
    assert said[0] == "4 of 12 runs are finished; the others, 1 at once." and said[1].startswith("5/12  z4b1/001 ")
    assert (tmp_path / "scan/z5b1/001/metrics.csv").stat().st_mtime_ns == before
    assert len(rows) == 12 and {row["status"] for row in rows} == {"finished"}
    assert stub_scan(tmp_path, [Argument("dim_z", [4, 5, 6], "z"), ARGUMENTS[1]], n_runs=2)[1] == [
        "12 of 12 runs are finished."
    ]


def test_a_run_that_fails_is_named_and_the_others_go_on(tmp_path):
    rows, said = stub_scan(tmp_path, [Argument("dim_z", [9, 8, 5], "z")], n_runs=2)
    assert [row["status"] for row in rows] == ["failed"] * 4 + ["finished"] * 2
    assert [row["exit_code"] for row in rows] == [1, 1, 3, 3, 0, 0]
    assert [row["said"] for row in rows[1:5]] == ["Error: nine is too many", "Error: diverged", "Error: diverged", ""]
    assert "1/6  z9/001 failed after 0 s, exit code 1: Error: nine is too many; about" in said[1]
    summary = table(tmp_path / "scan/scan_summary.csv")
    assert [(one["finished"], one["not_finished"]) for one in summary] == [
        ("0", "1 (failed), 2 (failed)"), ("0", "1 (failed), 2 (failed)"), ("2", ""),
    ]  # fmt: skip


def test_what_failed_is_tried_again(tmp_path, monkeypatch):
    arguments = [Argument("dim_z", [5, 9], "z")]
    stub_scan(tmp_path, arguments)
    monkeypatch.setenv("STAND_IN_HEALED", "1")
    rows, said = stub_scan(tmp_path, arguments)
    assert said[0].startswith("1 of 2 runs are finished") and len(said) == 2
    assert [row["status"] for row in rows] == ["finished", "finished"]
    assert sorted(path.name for path in (tmp_path / "scan/z9").iterdir()) == [
        "001", "001.aside1", "001.json", "001.log", "001.yaml",
    ]  # fmt: skip
    assert [path.name for path in (tmp_path / "scan/z9/001.aside1").iterdir()] == ["params.aside.yaml"]


def dead(code):
    return (sys.executable, "-c", f"import sys; sys.exit({code})")


def write_counts(folder):
    from tests.cli.tiny import write_data

    return write_data(folder / "counts.h5")


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        (dead(0), "failed", "exit code 0: "),
        (dead(143), "interrupted", "exit code 143: "),
        ((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), "failed", r"exit code -9 (SIGKILL): "),
    ],
)
def test_ends_without_a_model(tmp_path, command, status, words):
    said = []
    (row,) = scan("dendplrnn", write_npy(tmp_path), tmp_path / "s", [], command=command, report=said.append)
    assert (row["name"], row["status"], row["said"]) == ("scan", status, "") and words in said[1]


def test_evaluation(tmp_path):
    arguments = [Argument("dim_z", [5, 7, 9], "z")]
    stub_scan(tmp_path, arguments)
    assert "valid_nll" not in table(tmp_path / "scan/scan.csv")[0]
    rows, said = stub_scan(tmp_path, arguments, evaluate=True)
    assert [row["status"] for row in rows] == ["finished", "finished", "failed"]
    assert [row.get("evaluation") for row in rows] == ["done", "failed", None]
    assert rows[0]["valid_nll"] == 0.5 and "valid_r2_rates" not in rows[0] and "valid_nll" not in rows[1]
    assert rows[1]["said"] == "Error: seven cannot be evaluated" and rows[1]["exit_code"] == 1
    assert "z7/001 finished after 0 s, but its evaluation failed, exit code 1: Error: seven" in said[2]
    again, said = stub_scan(tmp_path, arguments, evaluate=True)
    assert said[0].startswith("1 of 3 runs are finished") and [row["name"] for row in again] == ["z5", "z7", "z9"]
    assert table(tmp_path / "scan/scan_summary.csv")[0]["valid_nll_mean"] == "0.5"


def test_a_run_is_evaluated_after_its_training(tmp_path):
    rows, said = stub_scan(tmp_path, evaluate=True, n_cpu=2)
    assert [row["evaluation"] for row in rows] == ["done"] * 4 and len(said) == 5
    assert json.loads((tmp_path / "scan/z6b2/001/metrics.json").read_text())["valid"]["nll"] == 0.5


def test_members_share_the_cores(tmp_path):
    stub_scan(tmp_path, n_cpu=64)
    assert (tmp_path / "scan/z5b1/001/threads").read_text() == str(max(1, usable_cores() // 4)), "4 members, not 64"


def test_everything_is_checked_before_anything_is_trained(tmp_path):
    with pytest.raises(ConfigError, match=r"z-1 \(dim_z = -1\): z_latent_size: expected an integer >= 0, got -1"):
        stub_scan(tmp_path, [Argument("dim_z", [5, -1], "z")])
    with pytest.raises(ConfigError, match="n_runs, n_cpu: expected at least 1 of each, got 0 and 1. Give larger"):
        stub_scan(tmp_path, n_runs=0)
    with pytest.raises(DataError, match="no_such.npy"):
        scan("dendplrnn", tmp_path / "no_such.npy", tmp_path / "scan", ARGUMENTS, command=COMMAND)
    assert not (tmp_path / "scan").exists()


def test_a_command_that_is_not_there_is_no_failed_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        scan("dendplrnn", write_npy(tmp_path), tmp_path / "scan", [], command=("no-such-program",), report=str)
    assert table(tmp_path / "scan/scan.csv")[0]["status"] == "started"


def test_files_that_a_crash_cut_short(tmp_path):
    stub_scan(tmp_path)
    (tmp_path / "scan/z5b1/001.json").write_text("")
    with (tmp_path / "scan/z5b2/001/metrics.csv").open("a") as file:
        file.write("5,5,0.")
    rows, said = stub_scan(tmp_path)
    assert said[0].startswith("3 of 4 runs are finished") and {row["status"] for row in rows} == {"finished"}
    assert rows[1]["epochs"] == 4.0
