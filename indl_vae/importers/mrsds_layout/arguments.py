"""The command line of the published script, with single dashes, and what was added to it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: What two calls must share to be of one run.
SAME = ("k", "d", "mtype", "dataseed", "modelseed", "trainseed")


@dataclass(frozen=True)
class Arguments:
    """What a run was asked for.

    Attributes:
        datapath: Folder of the data, or the file; handed to a loader that takes `datapath`.
        resultpath: Folder of all results.
        configpath: YAML file of the configuration.
        name: Name of the run, which its files begin with.
        k: Number of discrete states.
        d: Latents of each region.
        mtype: Kind of inference: mrsds (mean field), svae, s-svae, or slds.
        dataseed: Seed of the split and of synthetic data.
        modelseed: Seed of the initial weights.
        trainseed: Seed of the training; see `RunConfig.seed`.
        device: "cpu", "gpu:0", ..., or None for what there is.
        loaders: Files of Python code that register loaders.
        resume: Whether there must be a run to go on with.
        settings: Further settings as texts KEY=VALUE.
    """

    datapath: Path
    resultpath: Path
    configpath: Path
    name: str
    k: int
    d: int
    mtype: str = "mrsds"
    dataseed: int = 0
    modelseed: int = 0
    trainseed: int = 0
    device: str | None = None
    loaders: tuple[Path, ...] = ()
    resume: bool = False
    settings: tuple[str, ...] = ()

    @property
    def shared(self) -> dict[str, Any]:
        """What a call must have in common with the one that began the run, beside its configuration."""
        return {name: getattr(self, name) for name in SAME}


def read_arguments(words: Sequence[str] | None = None, description: str | None = None) -> Arguments:
    """Returns what a command line asks for; that of the process by default.

    Raises:
        SystemExit: A word is not understood, or help is asked for.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    add = parser.add_argument
    add("-datapath", "--datapath", type=Path, default=Path("."), help="folder of the data, or the data file")
    add("-resultpath", "--resultpath", type=Path, required=True, help="folder of the results")
    add("-configpath", "--configpath", type=Path, required=True, help="YAML file of the configuration")
    add("-name", "--name", required=True, help="name of the run")
    add("-gpu", "--gpu", type=int, help="number of the GPU; below 0 the CPU")
    add("-k", type=int, required=True, help="number of discrete states")
    add("-d", type=int, required=True, help="latents of each region")
    add("-mtype", "--mtype", default="mrsds", help="mrsds (mean field), svae, s-svae or slds")
    for seed in SAME[3:]:
        add(f"-{seed}", f"--{seed}", type=int, default=0)
    add("--device", help="cpu, gpu or gpu:K; goes before -gpu")
    add("--loaders", type=Path, action="append", default=[], metavar="FILE", help="Python file that registers loaders")
    add("--resume", action="store_true", help="refuse to begin anew where there is no run to go on with")
    add(
        "--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="setting; wins over the config"
    )
    given = vars(parser.parse_args(words))
    gpu = given.pop("gpu")
    if given["device"] is None and gpu is not None:
        given["device"] = "cpu" if gpu < 0 else f"gpu:{gpu}"
    given |= {name: tuple(given[name]) for name in ("loaders", "settings")}
    return Arguments(**given)
