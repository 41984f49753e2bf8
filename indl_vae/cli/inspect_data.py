"""`indl-vae inspect DATA`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def inspect_data(
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="HDF5 or NWB file, FOLDER/STEM, or a folder of worms.", show_default=False),
    ],
    bin_width_s: Annotated[
        float | None,
        typer.Option(
            "--bin-width-s", help="Width of a bin in seconds, where the file does not say it.", show_default=False
        ),
    ] = None,
) -> None:
    """Say what is in a data file.

    Sessions, shapes, units, rates, suspicious channels, and whether it would load; of worms also the animals, their
    neurons and labels, and behaviours.
    """
    from indl_vae import data as room

    typer.echo(room.render_summary(room.inspect_data(data, bin_width_s)), nl=False)
