"""`indl-vae import-weights CKPT`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from indl_vae.cli.tensorflow_loading import load_tensorflow
from indl_vae.run_folder import RunFolder


def import_weights(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            metavar="CKPT",
            help="Model folder or checkpoint of AutoLFADS-TF2; .npz or .safetensors of lfads-torch; model_params of "
            "run_lfads.py.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="RUN", help="Folder of the run; new.", show_default=False)],
    session: Annotated[int, typer.Option("--session", min=0, help="Session to take from a model of several.")] = 0,
) -> None:
    """Make a run of a model trained elsewhere.

    Of AutoLFADS-TF2, lfads-torch or run_lfads.py. posterior, evaluate and report work on it; report needs --data. The
    notes printed say what the source did not, and what stands in for it.
    """
    RunFolder(out).check_free()
    from indl_vae import importers

    if checkpoint.is_file() and importers.is_tf1_model_params(checkpoint):
        imported = importers.read_tf1_model_params(checkpoint, session=session)
        load_tensorflow()
    elif is_torch(checkpoint):
        imported = importers.read_lfads_torch(checkpoint, session=session)
        load_tensorflow()
    else:
        load_tensorflow()
        imported = importers.read_autolfads_tf2(checkpoint)
    from indl_vae.importers.import_run import import_run

    import_run(imported, out)
    for note in imported.notes:
        typer.echo(f"Note: {note}")
    typer.echo(f"Imported {imported.source} into {out}")


def is_torch(path: Path) -> bool:
    """Whether a path means an export of lfads-torch: a file, other than the index of a TensorFlow checkpoint."""
    return path.suffix in (".npz", ".safetensors") or (path.is_file() and path.suffix != ".index")
