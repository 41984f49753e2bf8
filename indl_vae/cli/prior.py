"""`indl-vae prior RUN`."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from indl_vae.cli.open_run import open_run
from indl_vae.cli.options import (
    CheckpointOption,
    OutOption,
    RunArgument,
    SeedOption,
    StemOption,
    TF1Option,
    check_file,
)


def prior(
    run: RunArgument,
    samples: Annotated[int, typer.Option("--samples", min=1, help="Number of trials to draw.", show_default=False)],
    out: OutOption,
    n_bins: Annotated[
        int | None,
        typer.Option(
            "--n-bins", min=1, help="Bins of a trial; those of the training data by default.", show_default=False
        ),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option("--session", help="Session whose rates are wanted; the first by default.", show_default=False),
    ] = None,
    seed: SeedOption = 0,
    checkpoint: CheckpointOption = "best",
    tf1_outputs: TF1Option = None,
    tf1_stem: StemOption = "",
) -> None:
    """Draw new trials from the model's prior.

    The HDF5 file holds rates (expected counts per bin), factors, states and inputs of each.
    """
    from indl_vae.data import write_hdf5

    check_file(out)
    opened = open_run(run, checkpoint=checkpoint)
    model = opened.model
    arrays = model.sample_prior(samples, seed=seed, n_bins=n_bins, session=session)
    width = model.spec.bin_width_s
    write_hdf5(arrays, out, {"bin_width_s": math.nan if width is None else width, "samples": samples, "seed": seed})
    typer.echo(f"Wrote {out}")
    if tf1_outputs is not None:
        from indl_vae.training.tf1_outputs import prior_arrays, write_prior_runs

        typer.echo(f"Wrote {write_prior_runs(prior_arrays(opened, arrays), tf1_outputs, tf1_stem)}")
