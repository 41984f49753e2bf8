"""`indl-vae evaluate RUN`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from indl_vae.cli.open_run import open_run_with
from indl_vae.cli.options import DataOption, OutOption, RunArgument, SamplesOption, SeedOption, check_file

#: Columns of the table where no terminal sets a limit.
_WIDE = 200


def evaluate(
    run: RunArgument,
    data: DataOption,
    out: OutOption,
    per_trial: Annotated[
        Path | None,
        typer.Option("--per-trial", metavar="FILE", help="CSV file for the scores of every trial.", show_default=False),
    ] = None,
    samples: SamplesOption = 50,
    seed: SeedOption = 0,
) -> None:
    """Score a run, with simple baselines beside it.

    Writes the scores on every split of the data as JSON, and prints those of the validation split as a table.
    """
    check_file(out)
    if per_trial is not None:
        check_file(per_trial, "--per-trial")
    opened, dataset = open_run_with(run, data)
    from rich.console import Console

    from indl_vae.analysis.evaluate import evaluate_to_json, evaluation_table

    result = evaluate_to_json(opened.model, dataset, out, samples=samples, seed=seed, per_trial=per_trial)
    Console(width=None if sys.stdout.isatty() else _WIDE).print(evaluation_table(result))
    typer.echo(f"Wrote {out}" + (" (scores of each session under 'sessions')" if "sessions" in result else ""))
    if per_trial is not None:
        typer.echo(f"Wrote {per_trial}")
