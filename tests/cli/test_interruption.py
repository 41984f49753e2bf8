"""Ctrl-C and SIGTERM in the middle of a training: exit code, saved state, a model that works."""

from __future__ import annotations

import csv
import signal
import subprocess

import h5py
import pytest

from tests.cli.processes import start
from tests.cli.tiny import SETTINGS, run, write_data

SIGNALS = {"SIGINT": 130, "SIGTERM": 143}
#: Many more epochs than there is time for.
ENDLESS = ["--set", "n_epochs=1000000"]


def rows(folder) -> list[dict[str, str]]:
    path = folder / "metrics.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def wait_for_a_row(process: subprocess.Popen[str], folder) -> None:
    while not rows(folder):
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"the training ended by itself: {process.communicate()}")


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """Both trainings run side by side; each gets its signal once it has a row."""
    folder = tmp_path_factory.mktemp("interruption")
    data = write_data(folder / "x.h5")
    train = ["train", "--family", "lfads", "--data", data, *ENDLESS, *SETTINGS]
    processes = {name: start(*train, "--out", folder / name) for name in SIGNALS}
    try:
        for name, process in processes.items():
            wait_for_a_row(process, folder / name)
            process.send_signal(getattr(signal, name))
        return data, folder, {name: (*process.communicate(), process.returncode) for name, process in processes.items()}
    finally:
        for process in processes.values():
            process.kill()


@pytest.mark.parametrize(("name", "code"), SIGNALS.items())
def test_exit_code_and_what_to_type_next(interrupted, name, code):
    data, folder, ended = interrupted
    _, stderr, returned = ended[name]
    assert returned == code, stderr
    assert f"The state of the run is saved in {folder / name}" in stderr
    assert f"indl-vae train --data {data} --out {folder / name} --resume" in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize("name", SIGNALS)
def test_the_state_is_that_of_a_finished_epoch(interrupted, name):
    from indl_vae.training.train_state import read_state

    _, folder, _ = interrupted
    model, state = read_state(folder / name / "checkpoints")
    assert int(model.optimizer.iterations) == 2 * state["epochs_done"]
    assert len(rows(folder / name)) - state["epochs_done"] in (0, 1)


@pytest.mark.parametrize("name", SIGNALS)
def test_posterior_works_afterwards(interrupted, name):
    data, folder, _ = interrupted
    out = folder / f"{name}.h5"
    assert run("posterior", folder / name, "--data", data, "--push-mean", "--out", out).exit_code == 0
    with h5py.File(out) as file:
        assert file["valid_rates"].shape == (4, 12, 8)
