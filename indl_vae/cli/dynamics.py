"""`indl-vae dynamics RUNS`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from indl_vae.cli.open_run import open_run_with
from indl_vae.cli.options import DataOption, OutOption, SeedOption, check_file
from indl_vae.errors import ConfigError, DataError, IndlVaeError


def dynamics(
    runs: Annotated[Path, typer.Argument(metavar="RUNS", help="Run folder, or a folder with runs below it.")],
    data: DataOption,
    out: OutOption,
    split: Annotated[str, typer.Option("--split", metavar="SPLIT", help="Split to score on.")] = "test",
    metrics: Annotated[
        str, typer.Option("--metrics", metavar="NAMES", help="Some of mse, klx, klx_gmm, klz, pse, lyapunov; all.")
    ] = "",
    seed: SeedOption = 0,
) -> None:
    """Score how well runs reconstruct a dynamical system.

    Runs every model by itself and compares with the data: forecasts, divergence of the attractors, spectra, largest
    Lyapunov exponent. Writes a CSV table, a row for each run and one of medians.
    """
    check_file(out)
    from indl_vae.cli.tensorflow_loading import load_tensorflow

    load_tensorflow()
    from indl_vae.analysis.dynamics import METRICS
    from indl_vae.training.dynamics_table import dynamics_row, run_folders, summary_row, write_table

    wanted = [name.strip() for name in metrics.split(",") if name.strip()] or list(METRICS)
    rows, failed = [], []
    folders = run_folders(runs)
    for number, folder in enumerate(folders, 1):
        typer.echo(f"{number}/{len(folders)} {folder}")
        try:
            opened, dataset = open_run_with(folder, data, splits="present")
            if split not in dataset.splits:
                raise DataError(f"{dataset.source}: has no {split} split. Choose --split {', '.join(dataset.splits)}.")
            rows.append(dynamics_row(opened, dataset.splits[split], wanted, seed))
        except IndlVaeError as error:
            failed.append(f"{folder}: {error}")
    if not rows:
        raise ConfigError("no run could be scored:\n" + "\n".join(failed))
    write_table([*rows, summary_row(rows)] if len(rows) > 1 else rows, out)
    for line in failed:
        typer.echo(f"left out: {line}", err=True)
    typer.echo(f"Wrote {out}: {len(rows)} of {len(folders)} runs")
