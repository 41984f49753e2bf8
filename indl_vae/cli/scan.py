"""`indl-vae scan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from indl_vae.cli.options import DataOption, SetOption
from indl_vae.cli.settings import parse_settings
from indl_vae.errors import ConfigError
from indl_vae.params import parse_value

#: Exit code where a run failed: that of a training that diverged.
SOME_FAILED = 3


def scan(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder of the scan.", show_default=False)],
    arg: Annotated[
        list[str],
        typer.Option(
            "--arg",
            metavar="NAME=V1,V2:AS",
            help="A parameter, its values, and what the names of runs say of it; may be repeated.",
            show_default=False,
        ),
    ],
    family: Annotated[
        str | None, typer.Option("--family", metavar="FAMILY", help="Model family.", show_default=False)
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="PRESET", help="Set of values to start from.", show_default=False)
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="C.yaml", help="YAML file of parameters.", show_default=False)
    ] = None,
    settings: SetOption = None,
    n_runs: Annotated[int, typer.Option("--n-runs", min=1, help="Runs of each combination, seeds 0, 1, ...")] = 1,
    n_cpu: Annotated[int, typer.Option("--n-cpu", min=1, help="Processes at once.")] = 1,
) -> None:
    """Train all combinations of some values.

    Started again, it keeps what is finished and goes on with the rest. Writes scan.csv, a row for each run, and
    scan_summary.csv. Exit code 3 if a run failed.
    """
    from indl_vae.tuning import scan as run_scan

    arguments = [parse_argument(text) for text in arg]
    fixed = parse_settings(settings or ())
    rows = run_scan(data, out, arguments, family, n_runs, n_cpu, config, preset, fixed, report=typer.echo)
    failed = [row for row in rows if row["status"] != "finished"]
    typer.echo(
        f"Wrote {out / 'scan.csv'} and {out / 'scan_summary.csv'}: {len(rows) - len(failed)} of {len(rows)} runs"
    )
    for row in failed:
        typer.echo(f"failed: {row['folder']} (exit code {row['exit_code']}): {row['said']}", err=True)
    if failed:
        raise typer.Exit(SOME_FAILED)


def parse_argument(text: str):
    """Returns the argument that `NAME=V1,V2:AS` stands for; lists as values stand in a YAML list, `NAME=[[1], [2]]:AS`.

    Raises:
        ConfigError: There is no name, or no value.
    """
    from indl_vae.tuning import Argument

    name, equals, rest = text.partition("=")
    values, colon, label = rest.rpartition(":")
    values, label = (values, label) if colon else (rest, "")
    if not equals or not name.strip() or not values.strip():
        raise ConfigError(f"--arg {text}: expected NAME=V1,V2:AS, for example --arg dim_z=5,6:z.")
    listed = parse_value(values) if values.startswith("[") else [parse_value(one) for one in values.split(",")]
    return Argument(name.strip(), listed, label.strip() or None)
