"""Populations on a Ray cluster that is started on this machine."""

import csv
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.tuning.pbt.populations import write_config, write_data

pytest.importorskip("ray", reason="the extra `ray` is not installed")
pytestmark = pytest.mark.slow

COMMAND = (sys.executable, "-c", "from indl_vae.cli import main; main()", "pbt")
DEADLINE_S = 900


def command(folder, out, *words):
    data = write_data(folder)
    return [*COMMAND, "--data", str(data), "--config", str(write_config(folder)), "--out", str(out), *words]


def run(folder, out, *words):
    done = subprocess.run(command(folder, out, *words), capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    return done


def table(out, name="gen_config.csv"):
    return list(csv.DictReader((out / name).open()))


def wait_for(condition, what):
    for _ in range(DEADLINE_S * 5):
        if condition():
            return
        time.sleep(0.2)
    pytest.fail(f"{what} did not happen")


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """A population that nothing interrupted."""
    folder = tmp_path_factory.mktemp("straight")
    done = run(folder, folder / "out")
    assert "3/3" in done.stderr and "Best: member" in done.stdout
    return folder / "out"


def test_a_population_has_copies_tables_and_a_picture(straight):
    assert len(table(straight)) == 9
    assert {row["generation"] for row in table(straight, "exploits.csv")} <= {"1", "2"}
    assert table(straight, "exploits.csv")
    assert (straight / "population.png").stat().st_size > 10_000
    assert (straight / "best" / "best.keras").exists()


def test_a_population_whose_driver_and_a_worker_were_killed_comes_to_the_same(straight, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen(
        command(tmp_path, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_for(lambda: (out / "pbt_state.csv").exists(), "the first generation")
    workers = subprocess.run(["pgrep", "-f", "ray::MemberTrainable"], capture_output=True, text=True).stdout.split()
    assert workers
    os.kill(int(workers[0]), signal.SIGKILL)
    before = len(table(out))
    wait_for(lambda: len(table(out)) > before or process.poll() is not None, "the generation after a worker's end")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    run(tmp_path, out)
    assert table(out) == table(straight)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_population_with_its_code_and_leaves_no_worker(tmp_path, number, code):
    out = tmp_path / "out"
    process = subprocess.Popen(
        command(tmp_path, out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(lambda: (out / "pbt_state.csv").exists(), "the first generation")
    process.send_signal(number)
    said = process.communicate(timeout=DEADLINE_S)[1]
    assert process.returncode == code, said
    assert "goes on" in said
    assert not subprocess.run(["pgrep", "-f", "ray::MemberTrainable"], capture_output=True, text=True).stdout


def test_on_a_cluster_that_was_there_before(straight, tmp_path):
    environment = {**os.environ, "RAY_memory_monitor_refresh_ms": "0", "RAY_USAGE_STATS_ENABLED": "0"}
    ray = [sys.executable, "-m", "ray.scripts.scripts"]
    start = [*ray, "start", "--head", "--port", "0", "--num-cpus", "2", "--include-dashboard", "false"]
    subprocess.run(start, check=True, capture_output=True, env=environment, timeout=DEADLINE_S)
    try:
        run(tmp_path, tmp_path / "out", "--address", "auto")
    finally:
        subprocess.run([*ray, "stop", "--force"], capture_output=True, timeout=DEADLINE_S)
    assert table(tmp_path / "out") == table(straight)


def test_no_cluster_and_no_room_are_clear_errors(tmp_path):
    def failing(*words):
        done = subprocess.run(
            command(tmp_path, tmp_path / "out", *words), capture_output=True, text=True, timeout=DEADLINE_S
        )
        assert done.returncode == 2
        return done.stderr

    assert "no Ray cluster can be joined" in failing("--address", "127.0.0.1:1")
    assert "expected what a machine of the cluster has" in failing("--cpus-per-member", "64000")
