"""`indl-vae prior RUN`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

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
    check_tf1,
)
from indl_vae.errors import ConfigError, DataError


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
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DATA", help="Where a model with external inputs takes those from.", show_default=False
        ),
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
    check_tf1(tf1_outputs, tf1_stem)
    opened = open_run(run, checkpoint=checkpoint)
    model = opened.model
    ext_input = None if data is None else external_inputs(opened.load_dataset(data), samples, n_bins)
    n_bins = n_bins if ext_input is None else ext_input.shape[1]
    arrays = model.sample_prior(samples, seed=seed, n_bins=n_bins, session=session, ext_input=ext_input)
    width = model.spec.bin_width_s
    write_hdf5(arrays, out, {"bin_width_s": math.nan if width is None else width, "samples": samples, "seed": seed})
    typer.echo(f"Wrote {out}")
    if tf1_outputs is not None:
        from indl_vae.training.tf1_outputs import prior_arrays, write_prior_runs

        typer.echo(f"Wrote {write_prior_runs(prior_arrays(opened, arrays), tf1_outputs, tf1_stem)}")


def external_inputs(dataset: Any, samples: int, n_bins: int | None = None) -> Any:
    """Returns the external inputs `(samples, n_bins, U)` of training trials, from the first on and over again.

    Raises:
        ConfigError: More bins are asked for than the trials have.
        DataError: The data have no external inputs.
    """
    inputs = dataset.train.ext_input
    if inputs is None:
        raise DataError(
            f"{dataset.source}: has no train_ext_input. Leave --data out, or give data with external inputs."
        )
    if n_bins is not None and n_bins > inputs.shape[1]:
        raise ConfigError(f"--n-bins {n_bins}: expected at most the {inputs.shape[1]} bins of the external inputs.")
    return inputs[:, :n_bins][[trial % len(inputs) for trial in range(samples)]]
