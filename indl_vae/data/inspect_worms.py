"""Looks into recordings of worms: the animals as they are, then the windows that a model would be given."""

from __future__ import annotations

import warnings
from pathlib import Path

from indl_vae.data.session import RawSession
from indl_vae.data.worms.describe import describe_worms
from indl_vae.data.worms.worm_session import worm_session
from indl_vae.data.worms.worm_source import read_worms
from indl_vae.errors import DataError


def windows_of_worms(path: Path) -> tuple[RawSession, tuple[str, ...], str | None, tuple[str, ...]]:
    """Returns windows by the default options, lines on the animals, why there are no windows, and warnings.

    Args:
        path: The file of all animals, or the folder of the lab's files.

    Raises:
        DataError: A file is damaged or not of its form.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        worms, sha256 = read_worms(path)
        try:
            session, problem = worm_session(worms, source=str(path), sha256=sha256), None
        except DataError as error:
            session, problem = RawSession(str(path), {}, sha256=sha256), str(error)
    return session, describe_worms(worms), problem, tuple(str(warning.message) for warning in caught)
