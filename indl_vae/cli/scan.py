"""`indl-vae scan`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indl_vae.cli.devices import Device, chosen_device
from indl_vae.cli.options import ConfigOption, DataOption, FamilyOption, PresetOption, SetOption, check_folder
from indl_vae.cli.settings import parse_settings, parse_values
from indl_vae.errors import ConfigError

if TYPE_CHECKING:
    from indl_vae.tuning import Argument

#: Exit code where a run is not what was asked for: that of a training that diverged.
SOME_FAILED = 3
#: NAME=VALUES:AS; what comes behind the last colon is a part of the values unless it begins with a letter.
_ARGUMENT = re.compile(r"\s*(?P<name>[^=\s]+)\s*=(?P<values>.*?\S.*?)(?::(?P<label>[A-Za-z_][^\s:\[\]{},]*))?\s*")


def scan(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder of the scan.", show_default=False)],
    arg: Annotated[
        list[str],
        typer.Option(
            "--arg",
            metavar="NAME=V1,V2:AS",
            help="A parameter, its values, and what names of runs call it; may be repeated.",
            show_default=False,
        ),
    ],
    family: FamilyOption = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    settings: SetOption = None,
    n_runs: Annotated[int, typer.Option("--n-runs", min=1, help="Runs of each combination, each with a seed.")] = 1,
    n_cpu: Annotated[int, typer.Option("--n-cpu", min=1, help="Processes at once, which share the cores.")] = 1,
    evaluate: Annotated[bool, typer.Option("--evaluate", help="Evaluate every finished run, too.")] = False,
) -> None:
    """Train all combinations of some values.

    --arg dim_z=5,6:z makes runs z5 and z6. Started again, it keeps what is finished and goes on with the rest. Writes
    scan.csv, a row for each run, and scan_summary.csv. Exit code 3 if a run failed.
    """
    from indl_vae.tuning import scan as run_scan
    from indl_vae.tuning.job import COMMAND
    from indl_vae.tuning.scan_table import unfinished

    arguments, fixed = [parse_argument(text) for text in arg], parse_settings(settings or ())
    command = (*COMMAND, *device_words(chosen_device()))
    rows = run_scan(
        family, data, check_folder(out, "--out"), arguments, n_runs, n_cpu, config, preset, fixed, evaluate,
        command=command,
    )  # fmt: skip
    bad = unfinished(rows)
    typer.echo(f"{len(rows) - len(bad)} of {len(rows)} runs are there: {out / 'scan.csv'}, {out / 'scan_summary.csv'}")
    for row in bad:
        what = row["status"] if row["status"] != "finished" else f"evaluation {row['evaluation']}"
        typer.echo(f"{row['folder']}: {what}, exit code {row.get('exit_code', 'unknown')}: {row['said']}", err=True)
    if bad:
        raise typer.Exit(SOME_FAILED)


def parse_argument(text: str) -> Argument:
    """Returns the argument that `NAME=V1,V2:AS` stands for.

    Values are YAML. Lists as values stand in brackets: `f_units=[64],[64, 64]:u`, or `f_units=[[64], [64, 64]]:u`. A
    single list is the list of the values: `dim_z=[5, 6]:z` is `dim_z=5,6:z`.

    Raises:
        ConfigError: There is no name or no value, or a value is not YAML.
    """
    from indl_vae.tuning import Argument

    match = _ARGUMENT.fullmatch(text)
    if match is None:
        raise ConfigError(f"--arg {text}: expected NAME=V1,V2:AS, for example --arg dim_z=5,6:z.")
    return Argument(match["name"], parse_values(match["values"], f"--arg {text}"), match["label"])


def device_words(device: Device) -> list[str]:
    """Returns the options of `indl-vae` that choose a device, for the processes of the runs."""
    words = ["--device", f"{device.kind}:{device.number}"] if device.kind else []
    return [*words, "--allow-gpu-growth"] if device.allow_growth else words
