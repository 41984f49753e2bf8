"""`indl-vae synth NAME`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def synth(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a set, or all.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="PATH",
            help="File; a folder for all and for a set of several sessions.",
            show_default=False,
        ),
    ],
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Seed; the set's own by default.", show_default=False)
    ] = None,
) -> None:
    """Make a synthetic data set with known rates.

    The file is HDF5 that every other command reads. A name that does not exist is answered with the list of those
    that do; a hyphen counts as an underscore.
    """
    from indl_vae.data import synthetic

    for file in synthetic.write(name, out, seed):
        typer.echo(f"Wrote {file}")
