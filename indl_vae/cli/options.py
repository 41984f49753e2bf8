"""The arguments that several commands share, each described once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from indl_vae.errors import ConfigError

RunArgument = Annotated[
    Path, typer.Argument(metavar="RUN", help="Folder of a run: the --out of train.", show_default=False)
]
DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DATA",
        help="HDF5, NWB, npy, npz or mat file, or FOLDER/STEM (no extension needed).",
        show_default=False,
    ),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write.", show_default=False)]
FamilyOption = Annotated[
    str | None,
    typer.Option(
        "--family", metavar="FAMILY", help="Model family; lfads unless the config says another.", show_default=False
    ),
]
PresetOption = Annotated[
    str | None, typer.Option("--preset", metavar="PRESET", help="Set of values to start from.", show_default=False)
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="C.yaml", help="YAML file of parameters; wins over the preset.", show_default=False
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A parameter, its value in YAML; may be repeated. Wins over preset and config.",
        show_default=False,
    ),
]
SamplesOption = Annotated[int, typer.Option("--samples", min=1, help="Posterior samples averaged for each trial.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Seed of what is drawn.")]
CheckpointOption = Annotated[
    str, typer.Option("--checkpoint", metavar="WHICH", help="Which model of the run: best, or latest.")
]
TF1Option = Annotated[
    Path | None,
    typer.Option(
        "--tf1-outputs",
        metavar="FOLDER",
        help="Write the files of run_lfads.py (LFADS on TF1) into this folder as well.",
        show_default=False,
    ),
]
StemOption = Annotated[
    str,
    typer.Option(
        "--tf1-stem", metavar="STEM", help="What the names of those files begin with, instead of model_runs_."
    ),
]


def check_file(path: Path, option: str = "--out") -> Path:
    """Returns the path of a file to be written, before a long computation rather than after it.

    Raises:
        ConfigError: There is a folder at that path.
    """
    if path.is_dir():
        raise ConfigError(f"{option} {path}: expected a file to write, found a folder. Name a file in it.")
    check_folder(path.parent, option)
    return path


def check_folder(path: Path, option: str) -> Path:
    """Returns the path of a folder to write into, which need not be there yet, before a long computation.

    Raises:
        ConfigError: It cannot be made, or not be written into.
    """
    there = next((folder for folder in (path, *path.absolute().parents) if folder.exists()), path)
    if not there.is_dir():
        raise ConfigError(f"{option}: expected a folder to write into, but {there} is a file. Name another place.")
    if not os.access(there, os.W_OK):
        raise ConfigError(
            f"{option}: expected a folder to write into, but {there} is not writable. Name another place."
        )
    return path


def check_tf1(folder: Path | None, stem: str) -> None:
    """Checks where files in the layout of run_lfads.py are to go, before a long computation.

    Raises:
        ConfigError: They cannot be written there, or the stem names another folder.
    """
    if folder is not None:
        check_folder(folder, "--tf1-outputs")
    if "/" in stem:
        raise ConfigError(f"--tf1-stem {stem}: expected the beginning of a file's name, got a path. Leave the / out.")
