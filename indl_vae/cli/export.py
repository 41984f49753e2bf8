"""`indl-vae export RUN`."""

from __future__ import annotations

import typer

from indl_vae.cli.open_run import open_run
from indl_vae.cli.options import OutOption, RunArgument, check_file


def export(run: RunArgument, out: OutOption) -> None:
    """Write every weight of the best model to HDF5.

    Each stands under its path in the model.
    """
    from indl_vae.data import write_hdf5

    check_file(out)
    opened = open_run(run)
    weights = {weight.path: weight.numpy() for weight in opened.model.weights}
    write_hdf5(weights, out, {"family": opened.params.family, "preset": opened.params.preset})
    typer.echo(f"Wrote {len(weights)} weights to {out}")
