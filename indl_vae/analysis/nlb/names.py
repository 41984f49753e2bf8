"""Names of the Neural Latents Benchmark: its data sets, and the group that each has in a file."""

from __future__ import annotations

import re

from indl_vae.errors import ConfigError

#: The data sets of the benchmark (Pei et al. 2021). Other names may be scored here, but not on the benchmark's server.
DATASETS = ("mc_maze", "mc_rtt", "area2_bump", "dmfc_rsg", "mc_maze_large", "mc_maze_medium", "mc_maze_small")
#: The data set whose behaviour is one produced interval a trial, not a velocity in each bin.
INTERVAL_DATASET = "dmfc_rsg"
#: The bin width in ms whose groups have no suffix.
PLAIN_BIN_MS = 5

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def check_name(name: str) -> str:
    """Returns the name of a data set if it can be the name of a group.

    Raises:
        ConfigError: It is empty or holds other characters than letters, digits, `_` and `-`.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"name: {name!r}, expected letters, digits, '_' and '-' only, beginning with a letter; the benchmark's own "
            f"are {', '.join(DATASETS)}."
        )
    return name


def group_name(name: str, bin_width_s: float | None) -> str:
    """Returns the name of a data set's group: `mc_maze` at 5 ms a bin, `mc_maze_20` at 20 ms.

    The benchmark's server scores bins of 5 and of 20 ms; files of other bins follow the same rule.

    Args:
        name: Name of the data set, with or without the suffix.
        bin_width_s: Width of a bin in seconds.

    Raises:
        ConfigError: The name cannot be a group's, it has the suffix of another bin width, or the bin width is unknown
            or no whole number of milliseconds.
    """
    check_name(name)
    if bin_width_s is None:
        raise ConfigError(
            "bin_width_s: the data do not say how wide a bin is, which the name of the group depends on; set "
            "bin_width_s, or the attribute bin_width_s of the data file."
        )
    milliseconds = round(bin_width_s * 1000)
    if milliseconds < 1 or abs(bin_width_s * 1000 - milliseconds) > 1e-3:
        raise ConfigError(f"bin_width_s: {bin_width_s!r}, expected a whole number of milliseconds, such as 0.005.")
    suffix = "" if milliseconds == PLAIN_BIN_MS else f"_{milliseconds}"
    if dataset_of(name) in DATASETS and name not in (dataset_of(name), dataset_of(name) + suffix):
        raise ConfigError(
            f"name: {name!r} has the suffix of other bins than the data's, of {milliseconds} ms; leave it out."
        )
    return name if name.endswith(suffix) else name + suffix


def dataset_of(group: str) -> str:
    """Returns the data set of a group: its name without the bin width."""
    found = re.fullmatch(r"(.*)_[1-9][0-9]*", group)
    return found[1] if found else group
