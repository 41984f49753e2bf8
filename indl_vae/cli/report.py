"""`indl-vae report RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from indl_vae.cli.open_run import open_run, open_run_with
from indl_vae.cli.options import RunArgument, SamplesOption, SeedOption


def report(
    run: RunArgument,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DATA", help="Data file, where that of the training was moved.", show_default=False
        ),
    ] = None,
    samples: SamplesOption = 50,
    seed: SeedOption = 0,
) -> None:
    """Write report.html into the run folder.

    One page without other files: scores, baselines, pictures, parameters, and how the run was made.
    """
    opened = open_run(run) if data is None else open_run_with(run, data)[0]
    from indl_vae.analysis.report import report_run

    typer.echo(f"Wrote {report_run(opened, samples=samples, seed=seed)}")
