"""`indl-vae synth NAME`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from indl_vae.errors import ConfigError


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
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="An option of the set, such as n_conditions=100; may be repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a synthetic data set with known rates.

    The file is HDF5 that every other command reads. A name that does not exist is answered with the list of those
    that do; a hyphen counts as an underscore. With all, a set takes those of the options that it knows.
    """
    from indl_vae.cli.settings import parse_settings
    from indl_vae.data import synthetic

    options = parse_settings(settings or ())
    for taken in ("name", "path", "seed"):
        if taken in options:
            raise ConfigError(f"--set {taken}: is no option of a set, expected as NAME, --out PATH or --seed S.")
    for file in synthetic.write_each(name, out, seed, **options):
        typer.echo(f"Wrote {file}")
