"""Keeps the programs that XLA compiles in the user's cache folder, so that the next start need not compile them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import tempfile
import time
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

import platformdirs
import typer

from indl_vae.cores import usable_cores

#: Environment variable: a folder instead of the user's cache folder, or a word that switches the cache off or on.
SWITCH = "INDL_VAE_COMPILE_CACHE"
#: Environment variable that TensorFlow reads flags from.
FLAGS = "TF_XLA_FLAGS"
#: Seconds after which an entry that nothing used is removed.
LIFETIME = 30 * 24 * 3600
#: Bytes kept at most; a training of one configuration takes about 10 MB.
LIMIT = 1 << 30

_OFF, _ON = ("off", "0", "no", "false"), ("on", "1", "yes", "true")
_DIRECTORY = "--tf_xla_persistent_cache_directory"
#: Bytes that must be free for new entries: TensorFlow does not use a program that it cannot write.
_ROOM = 32 << 20
#: What TensorFlow calls its entries; while it writes one, .tmp stands behind the name.
_ENTRY = "xla_compile_cache__*"
_REMEDY = f"Set {SWITCH} to another folder, or to off."
_CPUINFO = Path("/proc/cpuinfo")
#: The lines there that tell processors apart, on x86 and on ARM.
_TRAITS = ("vendor_id", "cpu family", "model", "flags", "CPU implementer", "CPU variant", "CPU part", "Features")


def use_compilation_cache() -> None:
    """Tells TensorFlow, which must not have been imported yet, to keep compiled programs, unless that is switched off.

    The flags that `TF_XLA_FLAGS` holds stay, and win; a cache folder among them is left to its owner. What keeps the
    cache from being used is a line on stderr and no error. Programs for GPUs are not kept: an entry does not say which
    model of GPU it is for.
    """
    given, root = os.environ.get(FLAGS, "").strip(), cache_root()
    names_a_file = given and not given.startswith("-")  # of flags, which TensorFlow reads instead
    if root is None or _DIRECTORY in given or names_a_file:
        return
    try:
        folder = root / machine_folder()
        folder.mkdir(parents=True, exist_ok=True)
        remove_broken(folder)
    except (OSError, PackageNotFoundError) as error:
        typer.echo(f"Compiled programs are not kept: {error}. {_REMEDY}", err=True)
        return
    read_only = _is_full(folder)
    if not read_only:
        remove_old(root)
    os.environ[FLAGS] = f"{_flags(folder, read_only)} {given}".strip()


def cache_root() -> Path | None:
    """Returns the folder of the caches of all machines; None if the cache is switched off."""
    value = os.environ.get(SWITCH, "").strip()
    if value.lower() in _OFF:
        return None
    if value and value.lower() not in _ON:
        return Path(value).expanduser().absolute()
    return Path(platformdirs.user_cache_dir("indl_vae", appauthor=False), "xla")


def machine_folder() -> str:
    """Returns a name that two processes share if one may run what the other compiled.

    It stands for the version of TensorFlow, the processor, the number of cores, for which XLA divides the work, and
    XLA's own flags: TensorFlow looks at none of them when it searches an entry, and a home folder may serve unlike
    machines.

    Raises:
        PackageNotFoundError: No package of the name tensorflow is installed.
    """
    known = [platform.machine(), *_processor(), str(usable_cores()), os.environ.get("XLA_FLAGS", "")]
    digest = hashlib.sha256("\n".join(known).encode()).hexdigest()
    return f"tensorflow-{installed_version('tensorflow')}-{digest[:12]}"


def _processor() -> list[str]:
    """Returns what is known of the processors, without repetition and in one order."""
    if not _CPUINFO.exists():
        return [platform.processor()]
    lines = _CPUINFO.read_text(errors="replace").splitlines()
    return sorted({line for line in lines if line.partition(":")[0].strip() in _TRAITS})


def remove_broken(folder: Path) -> None:
    """Removes entries that were cut short, as by a crash of the machine: TensorFlow fails on them.

    Raises:
        OSError: An entry cannot be read or removed.
    """
    for path in folder.glob(f"{_ENTRY}.pb"):
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            if not _is_whole(path):
                path.unlink()


def _is_whole(path: Path) -> bool:
    """Returns whether the fields of an entry, a protocol buffer of three byte strings, end where the file does."""
    size, place, fields = path.stat().st_size, 0, 0
    with path.open("rb") as file:
        while place < size:
            head = file.read(11)
            length, used = _varint(head[1:])
            place, fields = place + 1 + used + length, fields + 1
            if not used or head[0] & 7 != 2 or place > size:
                return False
            file.seek(place)
        file.seek(-min(size, 16), os.SEEK_END)
        return fields == 3 and any(file.read())  # some file systems leave zeros after a crash


def _varint(data: bytes) -> tuple[int, int]:
    """Returns the number at the start of some bytes in base 128, and how many bytes it takes: 0 if it does not end."""
    value = 0
    for place, byte in enumerate(data):
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, place + 1
    return value, 0


def remove_old(root: Path) -> None:
    """Removes, of the entries of all machines, those unused for `LIFETIME`, and the longest unused beyond `LIMIT`."""
    entries, total = [], 0
    with contextlib.suppress(OSError):  # what another process has removed, or another user owns, is no harm
        for path in root.glob(f"*/{_ENTRY}"):
            stat = path.stat()
            entries.append((max(stat.st_atime, stat.st_mtime), stat.st_size, path))
        for used, size, path in sorted(entries, reverse=True):
            total += size
            if total > LIMIT or used < time.time() - LIFETIME:
                path.unlink()


def _is_full(folder: Path) -> bool:
    """Returns whether nothing can be written there, and says so; a quota shows only when one tries."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_ROOM))
    except OSError as error:
        typer.echo(f"Compiled programs are only read from {folder}: {error.strerror}. {_REMEDY}", err=True)
        return True
    return False


def _flags(folder: Path, read_only: bool) -> str:
    quoted = folder.as_posix().replace("\\", "\\\\").replace('"', '\\"')
    flags = f'{_DIRECTORY}="{quoted}" --tf_xla_persistent_cache_device_types=CPU'
    return flags + " --tf_xla_persistent_cache_read_only=true" if read_only else flags
