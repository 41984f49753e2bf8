"""The script with the arguments of the one published with MR-SDS."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tensorflow as tf

from indl_vae.importers.mrsds_layout import open_from_log
from tests.importers.mrsds_layout.tiny import arguments

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
import run_training as script


def words(folder: Path, *more: str) -> list[str]:
    given = arguments(folder)
    paths = f"-datapath {given.datapath} -resultpath {given.resultpath} -configpath {given.configpath}"
    return f"{paths} -name run-seeds0-0-0 -gpu 0 -k 1 -d 2 -mtype svae -dataseed 0".split() + list(more)


def test_a_call_trains(tmp_path, capsys):
    assert script.main(words(tmp_path, "--set", "training.num_steps=2", "--set", "stages=[]")) == 0
    out, err = capsys.readouterr()
    has_gpu = bool(tf.config.list_physical_devices("GPU"))
    assert ("--device gpu:0: TensorFlow finds no GPU; computing on the CPU" in err) == (not has_gpu)
    opened = open_from_log(tmp_path / "results" / "run-seeds0-0-0-log.txt")
    assert opened.run.params.inference == "svae" and opened.latents["zs_train"].shape[-1] == 1
    assert not (tmp_path / "results" / "run-seeds0-0-0-models-do").exists()
    assert out == (tmp_path / "results" / "run-seeds0-0-0-log.txt").read_text()


@pytest.mark.parametrize(("more", "message"), [
    (["--set", "data.data_source=nothing"], "data.data_source: 'nothing', expected a loader"),
    (["--set", "training.num_stps=3"], "'training.num_stps' is not a parameter of mrsds"),
    (["--device", "abacus"], "--device abacus: expected cpu, gpu"),
    (["--resume"], "no run to resume"),
])  # fmt: skip
def test_what_is_wrong_is_said_in_a_line(tmp_path, capsys, more, message):
    assert script.main(words(tmp_path, *more)) == 2
    err = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]
    assert len(err) == 1 and message in err[0]
    assert not (tmp_path / "results").exists()


def wait_for(log: Path, text: str, process: subprocess.Popen) -> None:
    for _ in range(600):
        if log.is_file() and text in log.read_text():
            return
        assert process.poll() is None, log.read_text()[-2000:]
        time.sleep(0.2)
    pytest.fail(f"no {text!r} in the log:\n{log.read_text()[-2000:]}")


@pytest.mark.slow
def test_a_run_killed_in_its_second_stage_goes_on_there(tmp_path):
    long = ["--set", "stages=[{n_steps: 1000000, frozen: [inference]}]", "--set", "training.save_steps=100000"]
    log = tmp_path / "results" / "run-seeds0-0-0-log.txt"
    log.parent.mkdir()
    command = [sys.executable, "-u", script.__file__, *words(tmp_path, *long)]
    with log.open("w") as file:  # as the shell's > does
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
    wait_for(log, "iteration 10:", process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    first = log.read_text()
    assert "stage 2 of the training" in first and first.count("iteration 2:") == 1
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
    wait_for(log, "iteration 12:", process)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(120) == 143
    again = log.read_text()
    assert again.startswith("going on with run-seeds0-0-0") and "iteration 6:" not in again
    assert again.count("stage 2 of the training") == 1 and again.count("iteration 12:") == 1
