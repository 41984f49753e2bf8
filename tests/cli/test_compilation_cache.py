"""The cache of compiled programs: where it is, what TensorFlow is told, and what becomes of bad and old entries."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import platformdirs
import pytest

from indl_vae.cli import compilation_cache
from indl_vae.cli.compilation_cache import (
    FLAGS,
    LIFETIME,
    SWITCH,
    cache_root,
    machine_folder,
    remove_broken,
    remove_old,
    use_compilation_cache,
)
from tests.cli.processes import start

#: As TensorFlow writes it: three byte strings, each behind its field number and its length.
WHOLE = b"\x0a\x04keys" + b"\x12\xac\x02" + bytes(300) + b"\x1a\x14" + b"twenty bytes of code"
COMPILES = """
from indl_vae.cli.tensorflow_loading import load_tensorflow
load_tensorflow()
import tensorflow as tf
with tf.device("CPU"):
    print(tf.function(lambda x: tf.reduce_sum(x * x), jit_compile=True)(tf.ones(3)).numpy())
"""
CPUINFO = "processor : {core}\nvendor_id : AuthenticAMD\ncpu MHz : {mhz}\nflags : fpu {flag}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The folder that is asked for, with a blank in its name; no flags are set."""
    monkeypatch.setenv(SWITCH, str(tmp_path / "my cache"))
    monkeypatch.setenv(FLAGS, "")
    return tmp_path / "my cache"


def entry(folder: Path, content: bytes = WHOLE, name: str = "1__2__XLA_CPU_JIT.pb") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"xla_compile_cache__{name}"
    path.write_bytes(content)
    return path


def expected_flags(folder: Path) -> str:
    place = (folder / machine_folder()).as_posix()
    return f'--tf_xla_persistent_cache_directory="{place}" --tf_xla_persistent_cache_device_types=CPU'


@pytest.mark.parametrize("value", ["", "on", "1", "Yes"])
def test_the_cache_is_in_the_users_cache_folder(tmp_path, monkeypatch, value):
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name, appauthor: str(tmp_path / name))
    monkeypatch.setenv(SWITCH, value)
    assert cache_root() == tmp_path / "indl_vae" / "xla"


def test_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv(SWITCH, "near")
    assert cache_root() == tmp_path / "near"
    monkeypatch.setenv(SWITCH, "~/cache")
    assert cache_root() == tmp_path / "home" / "cache"


@pytest.mark.parametrize("value", ["off", "OFF", "0", "no", " false "])
def test_off(monkeypatch, folder, value):
    monkeypatch.setenv(SWITCH, value)
    use_compilation_cache()
    assert cache_root() is None and os.environ[FLAGS] == ""


def test_tensorflow_is_told_of_the_folder(folder, capsys):
    use_compilation_cache()
    assert os.environ[FLAGS] == expected_flags(folder)
    assert (folder / machine_folder()).is_dir()
    assert capsys.readouterr().err == ""


def test_flags_of_the_user_stay_and_stand_last_where_they_win(monkeypatch, folder):
    monkeypatch.setenv(FLAGS, " --tf_xla_persistent_cache_device_types=CPU,GPU --tf_xla_max_cluster_size=9")
    use_compilation_cache()
    own = "--tf_xla_persistent_cache_device_types=CPU,GPU --tf_xla_max_cluster_size=9"
    assert os.environ[FLAGS] == f"{expected_flags(folder)} {own}"


@pytest.mark.parametrize("given", ["--tf_xla_persistent_cache_directory=elsewhere", "file_of_flags"])
def test_a_cache_and_a_file_of_flags_of_the_user_are_left_alone(monkeypatch, folder, given):
    monkeypatch.setenv(FLAGS, given)
    use_compilation_cache()
    assert os.environ[FLAGS] == given and not folder.exists()


def test_without_a_folder_the_command_goes_on(folder, capsys):
    folder.write_text("a file in its place")
    use_compilation_cache()
    err = capsys.readouterr().err
    assert os.environ[FLAGS] == ""
    assert err.startswith("Compiled programs are not kept: ") and str(folder) in err
    assert err.endswith("Set INDL_VAE_COMPILE_CACHE to another folder, or to off.\n") and err.count("\n") == 1


def test_without_a_known_tensorflow_the_command_goes_on(monkeypatch, folder, capsys):
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(compilation_cache, "installed_version", missing)
    use_compilation_cache()
    assert os.environ[FLAGS] == ""
    assert "Compiled programs are not kept: No package metadata was found for tensorflow." in capsys.readouterr().err


def test_a_full_disk_makes_it_read_only(monkeypatch, folder, capsys):
    old = entry(folder / "old")
    os.utime(old, (0, 0))

    def full(**options):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    use_compilation_cache()
    assert os.environ[FLAGS] == f"{expected_flags(folder)} --tf_xla_persistent_cache_read_only=true"
    assert "only read from" in (err := capsys.readouterr().err) and "Disk quota exceeded. Set INDL_VAE" in err
    assert old.exists()


def test_the_room_that_is_tried_is_given_back(monkeypatch, folder):
    sizes = []

    class Probe(tempfile.SpooledTemporaryFile):
        def __init__(self, dir):
            super().__init__(dir=dir)

        def write(self, data):
            sizes.append(len(data))

    monkeypatch.setattr(tempfile, "TemporaryFile", Probe)
    use_compilation_cache()
    assert sizes == [32 << 20] and not any(path.is_file() for path in folder.rglob("*"))


@pytest.fixture
def cpuinfo(tmp_path, monkeypatch):
    """Writes what the kernel says of two cores."""

    def write(flag: str = "avx2", mhz: int = 3000) -> None:
        path = tmp_path / "cpuinfo"
        path.write_text("\n".join(CPUINFO.format(core=core, mhz=mhz + core, flag=flag) for core in range(2)))
        monkeypatch.setattr(compilation_cache, "_CPUINFO", path)

    write()
    return write


def test_one_machine_has_one_folder(cpuinfo):
    name = machine_folder()
    cpuinfo(mhz=1200)
    assert machine_folder() == name
    assert name.startswith("tensorflow-") and len(name.rpartition("-")[2]) == 12


def test_unlike_machines_have_folders_of_their_own(cpuinfo, monkeypatch):
    names = [machine_folder()]
    cpuinfo(flag="avx512f")
    names.append(machine_folder())
    monkeypatch.setattr(compilation_cache, "_CPUINFO", Path("no_such_file"))
    monkeypatch.setattr("platform.processor", lambda: "arm")
    names.append(machine_folder())
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    names.append(machine_folder())
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(77)), raising=False)
    names.append(machine_folder())
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    names.append(machine_folder())
    monkeypatch.setattr(compilation_cache, "installed_version", lambda name: f"{name} 99.9")
    names.append(machine_folder())
    assert len(set(names)) == 7
    assert names[-1].startswith("tensorflow-tensorflow 99.9-")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        WHOLE[:-1],
        WHOLE[:100],
        WHOLE[:-22],
        WHOLE + b"x",
        b"garbage" * 50,
        WHOLE[:-20] + bytes(20),
        bytes(300),
        b"\x0a" + b"\xff" * 40,
    ],
    ids=["empty", "short", "half", "no program", "long", "garbage", "zeros behind", "zeros", "endless length"],
)
def test_broken_entries_are_removed(tmp_path, content):
    whole, other = entry(tmp_path, name="3__4__XLA_CPU_JIT.pb"), tmp_path / "notes.pb"
    other.write_bytes(b"")
    growing = entry(tmp_path, b"", name="5__6__XLA_CPU_JIT.pb7.tmp")
    broken = entry(tmp_path, content)
    remove_broken(tmp_path)
    assert not broken.exists()
    assert whole.exists() and other.exists() and growing.exists()


def test_old_entries_of_all_machines_are_removed(tmp_path):
    paths = {}
    for age in (0.5, 0.99, 1.01, 3.0):
        for machine in ("a", "b"):
            paths[age, machine] = entry(tmp_path / machine, name=f"{age}.pb")
            used = time.time() - age * LIFETIME
            os.utime(paths[age, machine], (used, used - LIFETIME))
    other = tmp_path / "a" / "notes.txt"
    other.write_text("")
    os.utime(other, (0, 0))
    remove_old(tmp_path)
    assert {key for key, path in paths.items() if path.exists()} == {(a, m) for a in (0.5, 0.99) for m in "ab"}
    assert other.exists()


def test_the_longest_unused_entries_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation_cache, "LIMIT", 2 * len(WHOLE))
    paths = [entry(tmp_path / "a", name=f"{number}.pb") for number in range(4)]
    for path, age in zip(paths, (30, 10, 40, 20), strict=True):
        os.utime(path, (time.time() - age, 0))
    remove_old(tmp_path)
    assert [path.exists() for path in paths] == [False, True, False, True]


def test_what_is_compiled_is_kept_and_mended(folder):
    out, err = start(code=COMPILES).communicate()
    assert out == "3.0\n", err
    (kept,) = (folder / machine_folder()).iterdir()
    assert kept.match("xla_compile_cache__*.pb")
    assert "not kept" not in err and "only read" not in err
    remove_broken(kept.parent)
    assert kept.exists()
    kept.write_bytes(kept.read_bytes()[:-1])
    remove_broken(kept.parent)
    assert not kept.exists()
