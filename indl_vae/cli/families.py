"""`indl-vae families`."""

from __future__ import annotations

import typer

from indl_vae.registry import family_names, family_params


def families() -> None:
    """List the model families and their presets."""
    names = family_names()
    width = max(map(len, names), default=0)
    for name in names:
        typer.echo(f"{name:<{width}}  presets: {', '.join(family_params(name).presets)}")
