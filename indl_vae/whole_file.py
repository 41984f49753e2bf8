"""Text files that are whole or not there at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(text: str, path: str | Path) -> Path:
    """Writes a text file so that, whatever happens, the old one or the new one is there, and returns the path.

    Raises:
        OSError: It cannot be written; the error names the file, and the old one is left.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # or a power failure leaves a renamed file without its content
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
    return path
