"""A run, its latents and its configuration, found by the name of its text log."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from indl_vae.importers.mrsds_layout.latents_file import read_latents
from indl_vae.importers.mrsds_layout.layout_files import LayoutFiles
from indl_vae.params import load_yaml
from indl_vae.training import Run


class OpenedRun(NamedTuple):
    """What a text log leads to.

    Attributes:
        run: The run; `run.model` is the best model, `run.load_dataset()` the data as they were divided.
        latents: Arrays of `<name>_latents.mat` by name.
        config: The configuration, nested as in its file.
    """

    run: Run
    latents: dict[str, np.ndarray]
    config: dict[str, Any]


def open_from_log(path_to_log: str | Path) -> OpenedRun:
    """Opens the run that a text log belongs to.

    Args:
        path_to_log: `<resultpath>/<name>-log.txt`; the name may lack the seeds (`-seeds0-0-0`), or have them where the
            run's files do not. The file itself need not be there.

    Raises:
        RunError: There is no such run, or it has not saved anything yet.
        DataError: The latents' file is damaged.
        ConfigError: The configuration cannot be read.
    """
    files = LayoutFiles.of_log(path_to_log)
    return OpenedRun(Run(files.run.path), read_latents(files.latents), load_yaml(files.config))
