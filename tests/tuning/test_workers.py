"""A chief and its workers, each a process of its own, with a stand-in for the training: workers and chiefs are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from indl_vae.errors import RunError
from tests.tuning.search_stub import COMMAND, SETTINGS, SPACE, WORKER, starts, stub_tune, table, write_npy
from tests.tuning.test_search import wait_for


@pytest.fixture(autouse=True)
def workers_find_the_tests(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.getcwd())


@pytest.fixture
def victims(monkeypatch):
    """The processes of local workers, as they are started."""
    from indl_vae.tuning.local_workers import LocalWorkers

    started, start = [], LocalWorkers._start

    def noting(self, address, number):
        started.append(start(self, address, number))
        return started[-1]

    monkeypatch.setattr(LocalWorkers, "_start", noting)
    return started


def begun(folder, n):
    return len(list((folder / "search/trials").glob("*/run/metrics.csv"))) >= n


def kill_once(victims, folder, n, which):
    """Kills workers, in a thread, once so many trials have begun."""

    def kill():
        while not (len(victims) == 2 and begun(folder, n)):
            time.sleep(0.02)
        for process in victims[which]:
            process.kill()

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    return thread


def test_a_worker_is_killed_and_the_search_ends(tmp_path, victims, monkeypatch):
    monkeypatch.setenv("STAND_IN_S", "0.3")
    thread = kill_once(victims, tmp_path, 2, slice(0, 1))
    rows, said = stub_tune(tmp_path, trials=5, workers=2, worker_timeout=3.0)
    thread.join(5)
    assert [row["status"] for row in rows] == ["finished"] * 5
    assert sum("not heard of for 3 s; its trial goes to another worker" in line for line in said) == 1
    assert [process.poll() for process in victims] == [-signal.SIGKILL, 0]
    assert said[-1].startswith("5/5  ") and len(table(tmp_path / "search/tuning.csv")) == 5
    assert sorted(len(starts(tmp_path, row["trial"])) for row in rows) == [1, 1, 1, 1, 2]


@pytest.mark.slow
def test_all_workers_are_killed_and_the_chief_ends(tmp_path, victims, monkeypatch):
    monkeypatch.setenv("STAND_IN_S", "0.3")
    kill_once(victims, tmp_path, 3, slice(0, 2))
    with pytest.raises(RunError, match=r"no worker of the search is alive \(.*\); what has ended is kept"):
        stub_tune(tmp_path, trials=8, workers=2, worker_timeout=3.0)
    kept = [row["trial"] for row in table(tmp_path / "search/tuning.csv") if row["status"] == "finished"]
    assert kept
    rows, said = stub_tune(tmp_path, trials=8)
    assert said[0] == f"{len(kept)} of 8 trials have ended." and {row["status"] for row in rows} == {"finished"}


CHIEF = """
import sys; from pathlib import Path
from indl_vae.tuning import tune
from tests.tuning.search_stub import COMMAND, SETTINGS, SPACE
folder = Path(sys.argv[1])
tune("dendplrnn", folder / "x.npy", folder / "search", SPACE, "random", 4, settings=SETTINGS, command=COMMAND,
     address=sys.argv[2], worker_timeout=60.0)
"""


@pytest.mark.slow
def test_a_chief_is_killed_and_started_again(tmp_path, monkeypatch):
    monkeypatch.setenv("STAND_IN_S", "0.5")
    data, address = write_npy(tmp_path), f"127.0.0.1:{free_port()}"
    words = ["tune", "--role", "worker", "--address", address, "--data", str(data), "--out", str(tmp_path / "search")]
    chief = start("-c", CHIEF, tmp_path, address)
    worker = start(WORKER[1], *words, "--workers", "1", "--worker-timeout", "60")
    wait_for(lambda: begun(tmp_path, 2), chief)
    chief.kill()
    chief.communicate()
    chief = start("-c", CHIEF, tmp_path, address)
    said = chief.communicate()[1]
    assert chief.returncode == 0, said[-2000:]
    assert worker.wait(60) == 0
    assert [row["status"] for row in table(tmp_path / "search/tuning.csv")] == ["finished"] * 4
    assert all(starts(tmp_path, str(trial)) == [0] for trial in range(4)), "the worker kept the trial that it was at"


def start(*words):
    return subprocess.Popen(
        [sys.executable, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def free_port() -> int:
    import socket

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def test_the_workers_data_have_to_be_the_chiefs(tmp_path):
    from indl_vae.tuning.search_worker import work_for

    stub_tune(tmp_path, trials=1)
    (tmp_path / "other").mkdir()
    other = write_npy(tmp_path / "other", seed=1)
    with pytest.raises(
        RunError, match=r"x\.npy: not the data of the search in .*search\. Give the worker the same file"
    ):
        work_for("127.0.0.1:9", other, tmp_path / "search", timeout=0.2, command=COMMAND)
    with pytest.raises(
        RunError, match=r"expected the folder of a search; search\.yaml not found\. Start its chief first"
    ):
        work_for("127.0.0.1:9", other, tmp_path / "none", timeout=0.2, command=COMMAND)
    assert SETTINGS and SPACE
