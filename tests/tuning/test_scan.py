"""Scans with a stand-in for the training, which writes what a run writes; and one with the real command."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
import time

import pytest

from indl_vae.errors import ConfigError
from indl_vae.tuning import Argument, scan
from tests.cli.tiny import SETTINGS, run, write_data

#: Trains nothing: an epoch is a tenth of a second. It fails for dim_z = 9, and goes on with --resume.
STUB = """
import csv, signal, sys, time, pathlib
words = sys.argv[1:]
settings = dict(words[i + 1].split("=", 1) for i, word in enumerate(words) if word == "--set")
folder = pathlib.Path(words[words.index("--out") + 1])
resume = "--resume" in words
if settings.get("dim_z") == "9":
    sys.exit("Error: nine is too many")
folder.mkdir(parents=True, exist_ok=True)
(folder / "checkpoints").mkdir(exist_ok=True)
metrics = folder / "metrics.csv"
done = len(metrics.read_text().splitlines()) - 1 if metrics.exists() else 0
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
with metrics.open("a") as file:
    if not done:
        file.write("epoch,step,loss,val_loss\\n")
    for epoch in range(done, 4):
        file.write(f"{epoch + 1},{epoch},{1.0 / (epoch + 1)},{abs(epoch - 2)}\\n")
        file.flush()
        (folder / "checkpoints" / "checkpoint").write_text("[]")
        time.sleep(float(settings.get("slow", 0.01)))
(folder / "best.keras").write_text("resumed" if resume else "at once")
"""
COMMAND = (sys.executable, "-c", STUB)
ARGUMENTS = [Argument("dim_z", [5, 6], "z"), Argument("n_bases", [1, 2], "b")]


def stub_scan(tmp_path, arguments=ARGUMENTS, **options):
    said: list[str] = []
    rows = scan("x.npy", tmp_path / "scan", arguments, "dendplrnn", command=COMMAND, report=said.append, **options)
    return rows, said


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_combination_is_trained_as_often_as_asked_for(tmp_path):
    rows, said = stub_scan(tmp_path, n_runs=2, n_cpu=2)
    assert [(row["name"], row["run"], row["seed"]) for row in rows] == [
        (name, number, number - 1) for name in ("z5b1", "z5b2", "z6b1", "z6b2") for number in (1, 2)
    ]
    assert {row["status"] for row in rows} == {"finished"} and (tmp_path / "scan/z6b2/002/best.keras").exists()
    assert said[-1].startswith("8/8 ") and "remain" in said[-1]
    first = table(tmp_path / "scan/scan.csv")[0]
    assert (first["val_loss"], first["best_epoch"], first["epochs"]) == ("0.0", "3.0", "4.0"), "those of the best epoch"
    assert table(tmp_path / "scan/scan_summary.csv")[0] | {} == {
        "name": "z5b1", "finished": "2", "not_finished": "", "epochs_mean": "4.0", "epochs_std": "0.0",
        "val_loss_mean": "0.0", "val_loss_std": "0.0", "loss_mean": first["loss"], "loss_std": "0.0",
    }  # fmt: skip


def test_what_is_finished_is_kept_and_more_may_be_added(tmp_path):
    stub_scan(tmp_path)
    before = (tmp_path / "scan/z5b1/001/metrics.csv").stat().st_mtime_ns
    rows, said = stub_scan(tmp_path, [Argument("dim_z", [5, 6, 7], "z"), ARGUMENTS[1]], n_runs=2)
    assert said[0].startswith("4 of 12 runs are finished already")
    assert (tmp_path / "scan/z5b1/001/metrics.csv").stat().st_mtime_ns == before
    assert len(rows) == 12 and {row["status"] for row in rows} == {"finished"}


def test_another_scan_is_refused(tmp_path):
    stub_scan(tmp_path)
    with pytest.raises(ConfigError, match="holds a scan that differs in dim_z"):
        stub_scan(tmp_path, [Argument("dim_z", [5], "z"), ARGUMENTS[1]])
    with pytest.raises(ConfigError, match="holds a scan that differs in settings"):
        stub_scan(tmp_path, settings={"n_epochs": 7})


def test_a_run_that_fails_is_named_and_tried_again(tmp_path):
    arguments = [Argument("dim_z", [5, 9], "z")]
    rows, said = stub_scan(tmp_path, arguments)
    assert [row["status"] for row in rows] == ["finished", "failed"]
    assert rows[1]["said"] == "Error: nine is too many" and rows[1]["exit_code"] == 1
    assert "FAILED, exit code 1: Error: nine is too many" in said[-1]
    assert table(tmp_path / "scan/scan_summary.csv")[1]["not_finished"] == "1"
    _, said = stub_scan(tmp_path, arguments)
    assert said[0].startswith("1 of 2 runs are finished already") and len(said) == 2


def test_everything_is_checked_before_anything_is_trained(tmp_path):
    with pytest.raises(ConfigError, match="z-1: z_latent_size: expected an integer >= 0, got -1"):
        stub_scan(tmp_path, [Argument("dim_z", [5, -1], "z")])
    with pytest.raises(ConfigError, match="x1: 'dimz' is not a parameter"):
        stub_scan(tmp_path, [Argument("dimz", [1], "x")])
    with pytest.raises(ConfigError, match="n_runs, n_cpu: expected at least 1"):
        stub_scan(tmp_path, n_runs=0)
    assert not (tmp_path / "scan").exists()


KILLED = """
import sys
from indl_vae.tuning import Argument, scan
stub = open(sys.argv[1]).read()
scan("x.npy", sys.argv[2], [Argument("dim_z", [5, 6], "z"), Argument("n_bases", [1, 2], "b")], "dendplrnn", n_runs=2,
     n_cpu=2, command=(sys.executable, "-c", stub), report=lambda line: print(line, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_scan_that_is_killed_half_way_goes_on(tmp_path, number):
    (tmp_path / "stub.py").write_text(STUB.replace('"slow", 0.01', '"slow", 0.2'))
    words = [sys.executable, "-c", KILLED, str(tmp_path / "stub.py"), str(tmp_path / "scan")]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("3/8"):
            break
    time.sleep(0.5)  # members that started just now come to their first checkpoint
    process.send_signal(number)
    process.wait()
    time.sleep(0.0 if number == signal.SIGINT else 1.5)  # after SIGKILL, members are on their own until they end
    rows, said = stub_scan(tmp_path, n_runs=2, n_cpu=2)
    assert {row["status"] for row in rows} == {"finished"}
    assert int(said[0].split()[0]) >= 3
    if number == signal.SIGINT:
        ends = {path.read_text() for path in (tmp_path / "scan").rglob("best.keras")}
        assert ends == {"at once", "resumed"}


def test_the_command_trains_and_reports(tmp_path):
    data = write_data(tmp_path / "x.h5")
    sets = [word for setting in SETTINGS for word in (setting,)]
    words = ["scan", "--data", data, "--out", tmp_path / "s", "--family", "lfads", "--arg", "gen_units=5,6:g", *sets]
    result = run(*words, "--set=n_epochs=1", "--n-cpu", 2)
    assert result.exit_code == 0, result.output
    assert [row["status"] for row in table(tmp_path / "s/scan.csv")] == ["finished", "finished"]
    assert (tmp_path / "s/g5/001/params.yaml").exists() and "2 of 2 runs" in result.stdout
    bad = run("scan", "--data", data, "--out", tmp_path / "t", "--arg", "gen_units")
    assert bad.exit_code == 2 and "expected NAME=V1,V2:AS" in bad.stderr


def test_members_share_the_cores(tmp_path):
    stub = "import os, pathlib, sys; pathlib.Path(sys.argv[sys.argv.index('--out') + 1]).parent.joinpath('n').write_text(os.environ['TF_NUM_INTRAOP_THREADS'])"
    scan(
        "x.npy",
        tmp_path / "s",
        [Argument("dim_z", [5], "z")],
        "dendplrnn",
        n_cpu=64,
        command=(sys.executable, "-c", stub),
        report=str,
    )
    assert (tmp_path / "s/z5/n").read_text() == "1"
