"""`indl-vae export RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from indl_vae.cli.open_run import open_run
from indl_vae.cli.options import CheckpointOption, OutOption, RunArgument, StemOption, TF1Option, check_file, check_tf1


def export(
    run: RunArgument,
    out: OutOption,
    checkpoint: CheckpointOption = "best",
    tf1_outputs: TF1Option = None,
    tf1_stem: StemOption = "",
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DATA",
            help="The data as train was given them: names the session in the files of run_lfads.py.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write every weight of the model to HDF5.

    Each stands under its path in the model.
    """
    from indl_vae.data import write_hdf5

    check_file(out)
    check_tf1(tf1_outputs, tf1_stem)
    opened = open_run(run, checkpoint=checkpoint)
    weights = {weight.path: weight.numpy() for weight in opened.model.weights}
    write_hdf5(weights, out, {"family": opened.params.family, "preset": opened.params.preset})
    typer.echo(f"Wrote {len(weights)} weights to {out}")
    if tf1_outputs is not None:
        from indl_vae.importers.tf1_model_params import tf1_params_file, write_tf1_model_params

        file = tf1_params_file(tf1_outputs, tf1_stem)
        typer.echo(f"Wrote {write_tf1_model_params(opened, file, _session(opened, data))}")


def _session(run: Any, data: Path | None) -> str:
    from indl_vae.training.tf1_outputs import session_name

    source = Path(run.data_info.get("source") or "session")
    return session_name(source, data or source)
