"""`indl-vae nlb RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from indl_vae.cli.open_run import open_run_with
from indl_vae.cli.options import DataOption, OutOption, RunArgument, SamplesOption, SeedOption, check_file


def nlb(
    run: RunArgument,
    data: DataOption,
    name: Annotated[str, typer.Option("--name", metavar="SET", help="Data set, such as mc_maze.", show_default=False)],
    out: OutOption,
    target: Annotated[
        Path | None,
        typer.Option(
            "--target",
            metavar="FILE",
            help="Target file of nlb_tools to score against; without it, the data themselves.",
            show_default=False,
        ),
    ] = None,
    eval_split: Annotated[
        str, typer.Option("--eval-split", metavar="SPLIT", help="What is scored: valid, or test.")
    ] = "valid",
    samples: SamplesOption = 50,
    seed: SeedOption = 0,
) -> None:
    """Write and score a Neural Latents Benchmark submission.

    The model must have been trained with held-out channels; held-out bins become the forward prediction. Prints the
    scores that target or data allow.
    """
    check_file(out)
    from indl_vae.analysis import nlb as benchmark
    from indl_vae.analysis.held_out import HeldOut

    benchmark.check_name(name)
    opened, dataset = open_run_with(run, data)
    group = benchmark.group_name(name, dataset.bin_width_s)
    truth = None if target is None else benchmark.read_target(target, group)
    arrays = benchmark.submission(opened.model, dataset, eval_split, samples, seed)
    benchmark.write_submission(out, {group: arrays})
    typer.echo(f"Wrote {group} to {out}")
    held_out = HeldOut.from_params(opened.params, dataset)
    truth = benchmark.target_of(dataset, held_out, eval_split) if truth is None else truth
    for score, value in benchmark.score_submission(arrays, truth, group).items():
        if value is not None:
            typer.echo(f"{score:8} {value:.4f}")
