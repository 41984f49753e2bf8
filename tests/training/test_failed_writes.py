"""A disk that is full, or a limit of file sizes: one clear error, and all that was whole before is whole."""

from __future__ import annotations

import contextlib
import errno
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator

import keras
import pytest

from benchmarks.resuming.compare import left_by
from indl_vae.errors import ConfigError, RunError
from indl_vae.training import load_run, train
from indl_vae.training.checkpoints import Checkpoints
from tests.cli.tiny import SETTINGS as CLI_SETTINGS
from tests.cli.tiny import run as command
from tests.cli.tiny import write_data
from tests.training.resuming import SETTINGS, assert_same, run
from tests.training.tiny import tiny_dataset, tiny_params


@contextlib.contextmanager
def files_of_at_most(n_bytes: int) -> Iterator[None]:
    """A scope in which no file can grow beyond a size: writing more fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Limit(keras.callbacks.Callback):
    """Lets no file grow beyond a size from an epoch on."""

    def __init__(self, epoch: int, n_bytes: int) -> None:
        super().__init__()
        self.epoch, self.n_bytes = epoch, n_bytes

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.n_bytes, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    return run(tmp_path_factory.mktemp("straight") / "run")


@pytest.mark.parametrize(
    ("n_bytes", "message"),
    [
        (20_000, r"best\.keras: the model cannot be written .*the one before it.*go on with --resume"),
        pytest.param(1, "File too large", marks=pytest.mark.slow),
    ],
    ids=["models", "everything"],
)
def test_no_room_in_the_third_epoch(tmp_path, straight, n_bytes, message):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises((RunError, OSError), match=message):
            train(tiny_params(**SETTINGS), tiny_dataset(), tmp_path / "run", callbacks=[Limit(2, n_bytes)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert Checkpoints(tmp_path / "run" / "checkpoints").newest().name == "epoch-2"
    assert not list((tmp_path / "run").rglob("*.part*"))
    assert load_run(tmp_path / "run").posterior(tiny_dataset().valid, samples=1)["rates"].shape == (6, 9, 5)
    assert_same(run(tmp_path / "run", resume=True), straight)


@pytest.mark.slow
def test_no_room_when_resuming(tmp_path, straight):
    """Parameters, data.json and rows are written anew by a resumed run; what cannot be written stays."""
    folder = shutil.copytree(straight, tmp_path / "run")
    before = left_by(folder), (folder / "params.yaml").read_bytes(), (folder / "data.json").read_bytes()
    with files_of_at_most(100), pytest.raises(ConfigError, match=r"params\.yaml: .*File too large"):
        run(folder, resume=True)
    assert (left_by(folder), (folder / "params.yaml").read_bytes(), (folder / "data.json").read_bytes()) == before
    assert_same(run(folder, resume=True), straight)


def test_no_room_at_the_beginning(tmp_path):
    with files_of_at_most(100), pytest.raises(ConfigError, match=r"params\.yaml: .*File too large"):
        run(tmp_path / "run")
    with pytest.raises(RunError, match="no run to resume here: it has no params.yaml"):
        run(tmp_path / "run", resume=True)


ON_A_SMALL_DISK = """
import sys
from pathlib import Path
import typer
from indl_vae.cli.boundary import reported_errors
from tests.training.resuming import run
try:
    with reported_errors():
        run(Path(sys.argv[1]), resume=sys.argv[2] == "resume", n_epochs=int(sys.argv[3]), keep_latest=0)
except typer.Exit as left:
    sys.exit(left.exit_code)
"""


@pytest.fixture
def disk(tmp_path):
    """A disk of 2 MB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("no right to mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_disk_that_may_not_be_written_to(tmp_path, disk):
    data = write_data(tmp_path / "x.h5")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    done = command("train", "--data", data, "--out", disk / "run", *CLI_SETTINGS, "--set=n_epochs=1")
    assert done.exit_code == 2 and "Read-only file system. Check the path, its rights" in done.output


@pytest.mark.slow
def test_a_disk_that_is_full(tmp_path, disk):
    """Exit code 2, a message, and the run goes on once there is room."""
    process = [sys.executable, "-c", ON_A_SMALL_DISK, str(disk / "run")]
    done = subprocess.run([*process, "new", "40"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 2, done.stderr[-2000:]
    assert "No space left on device" in done.stderr and "Traceback" not in done.stderr
    newest = Checkpoints(disk / "run" / "checkpoints").newest()
    epoch = int(newest.name.removeprefix("epoch-"))
    assert 0 < epoch < 40 and not list(disk.rglob("*.part*"))
    subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
    done = subprocess.run([*process, "resume", "40"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert_same(disk / "run", run(tmp_path / "straight", n_epochs=40, keep_latest=0))


def test_a_model_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    from indl_vae.training.model_keeper import save_atomically

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    path = tmp_path / "best.keras"
    save_atomically(model, path)
    before = path.read_bytes()

    def full(self, part):
        part.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keras.Model, "save", full)
    with pytest.raises(RunError, match=r"best\.keras: the model cannot be written .No space left on device"):
        save_atomically(model, path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["best.keras"]
