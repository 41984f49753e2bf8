"""`indl-vae posterior RUN`."""

from __future__ import annotations

from typing import Annotated

import typer

from indl_vae.cli.open_run import open_run_with
from indl_vae.cli.options import (
    CheckpointOption,
    DataOption,
    OutOption,
    RunArgument,
    SeedOption,
    StemOption,
    TF1Option,
    check_file,
    check_tf1,
)
from indl_vae.errors import ConfigError

DEFAULT_SAMPLES = 50
SAMPLES_HELP = f"Posterior samples averaged for each trial; {DEFAULT_SAMPLES} by default."


def posterior(
    run: RunArgument,
    data: DataOption,
    out: OutOption,
    samples: Annotated[int | None, typer.Option("--samples", min=1, help=SAMPLES_HELP, show_default=False)] = None,
    push_mean: Annotated[bool, typer.Option("--push-mean", help="Push the posterior means through instead.")] = False,
    seed: SeedOption = 0,
    hz: Annotated[bool, typer.Option("--hz", help="Write rates in Hz too, as {split}_rates_hz.")] = False,
    max_trials: Annotated[
        int | None,
        typer.Option(
            "--max-trials", min=1, help="Only the first trials of each split and session.", show_default=False
        ),
    ] = None,
    checkpoint: CheckpointOption = "best",
    tf1_outputs: TF1Option = None,
    tf1_stem: StemOption = "",
) -> None:
    """Infer the rates, factors and inputs of every trial.

    The data may be new: any of the splits will do. The HDF5 file holds a dataset for each split and array, such as
    valid_rates: rates in expected counts per bin, factors, states and latents, averaged over posterior samples.
    Several sessions are groups of the file.
    """
    if push_mean and samples is not None:
        raise ConfigError("--samples and --push-mean: expected one of them, got both. Leave one out.")
    check_file(out)
    check_tf1(tf1_outputs, tf1_stem)
    opened, dataset = open_run_with(run, data, splits="present", checkpoint=checkpoint)
    from indl_vae.analysis.held_out import HeldOut
    from indl_vae.analysis.rates_hz import rates_hz
    from indl_vae.analysis.session_views import by_session
    from indl_vae.data.first_trials import first_trials
    from indl_vae.training.posterior_file import write_posterior

    width = dataset.bin_width_s or opened.model.spec.bin_width_s
    if hz:
        rates_hz(0.0, width)  # an unknown width is an error before the work, not after it
    # of several sessions the model itself leaves each one's held-out channels out
    held_out = HeldOut() if dataset.parts else HeldOut.from_params(opened.params, dataset)
    count, splits, asked_for = samples or DEFAULT_SAMPLES, {}, []
    for name, split in dataset.splits.items():
        split = first_trials(split, max_trials)
        typer.echo(f"{name}: {split.n_trials} trials", err=True)
        arrays = opened.posterior(held_out.hide(split), samples=count, seed=seed, push_mean=push_mean)
        beside = {"inds": split.inds} | ({} if split.lengths is None else {"length": split.lengths})
        for session, part in by_session(dataset, split, {**arrays, **beside}).items():
            in_hz = {"rates_hz": rates_hz(part["rates"], width)} if hz else {}
            splits[f"{session}/{name}" if session else name] = {**part, **in_hz}
        asked_for.append((split, arrays))
    write_posterior(out, splits, bin_width_s=width, samples=0 if push_mean else count)
    typer.echo(f"Wrote {out}")
    for split, arrays in asked_for if tf1_outputs is not None else []:
        from indl_vae.training.tf1_outputs import posterior_arrays, write_posterior_runs

        theirs = posterior_arrays(opened, split, arrays, count, seed, push_mean)
        for file in write_posterior_runs(theirs, dataset, split, data, tf1_outputs, push_mean, tf1_stem):
            typer.echo(f"Wrote {file}")
