"""`indl-vae convert IN.nwb --out OUT.h5`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from indl_vae.cli.options import OutOption, SeedOption, check_file
from indl_vae.errors import ConfigError
from indl_vae.params import parse_value

_WINDOW_HELP = "Seconds before and after, such as -0.2,0.8; by default each trial has its own length, to its stop_time."
_BEHAVIOR_HELP = "Time series to take along as behaviour, resampled to the bins; may be repeated."


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN.nwb", help="NWB file.", show_default=False)],
    out: OutOption,
    align_to: Annotated[
        str, typer.Option("--align-to", metavar="COLUMN", help="Column of times that trials are aligned to.")
    ] = "start_time",
    window: Annotated[
        str | None, typer.Option("--window", metavar="FROM,TO", help=_WINDOW_HELP, show_default=False)
    ] = None,
    bin_width_s: Annotated[
        float, typer.Option("--bin-width", "--bin-width-s", help="Width of a bin in seconds.")
    ] = 0.01,
    trials: Annotated[str, typer.Option("--trials", metavar="TABLE", help="Table of intervals.")] = "trials",
    behavior: Annotated[
        list[str] | None, typer.Option("--behavior", metavar="NAME", help=_BEHAVIOR_HELP, show_default=False)
    ] = None,
    condition: Annotated[
        str | None,
        typer.Option("--condition", metavar="COLUMN", help="Column with each trial's condition.", show_default=False),
    ] = None,
    units: Annotated[
        list[str] | None,
        typer.Option(
            "--unit", metavar="COLUMN=VALUE", help="Take units with this value; may be repeated.", show_default=False
        ),
    ] = None,
    min_rate_hz: Annotated[float, typer.Option("--min-rate", help="Leave out units below this rate in Hz.")] = 0.0,
    split: Annotated[
        str | None,
        typer.Option("--split", metavar="COLUMN", help="Column that says train, val or test.", show_default=False),
    ] = None,
    valid_share: Annotated[float, typer.Option("--valid-share", help="Share of the trials to validate on.")] = 0.2,
    test_share: Annotated[float, typer.Option("--test-share", help="Share of the trials to test on.")] = 0.0,
    seed: SeedOption = 0,
) -> None:
    """Bin the spikes of an NWB file into a data file.

    The HDF5 file holds spike counts, masks, conditions and behaviour of the trials, split for training and validation;
    every other command reads it.
    """
    from indl_vae.data import load_nwb, write_dataset

    if source.suffix.lower() != ".nwb":
        raise ConfigError(f"{source}: expected an NWB file, with the ending .nwb.")
    check_file(out)
    dataset = load_nwb(
        source,
        align_to=align_to,
        window=None if window is None else _window(window),
        bin_width_s=bin_width_s,
        trials=trials,
        behavior=behavior,
        condition=condition,
        units=_values(units or []),
        min_rate_hz=min_rate_hz,
        split=split,
        valid_share=valid_share,
        test_share=test_share,
        seed=seed,
    )
    for name, part in dataset.splits.items():
        typer.echo(f"{name}: {part.n_trials} trials, {part.n_bins} bins, {part.n_channels} units", err=True)
    typer.echo(f"Wrote {write_dataset(dataset, out)}")


def _window(text: str) -> tuple[float, float]:
    try:
        start, stop = map(float, text.split(","))
    except ValueError as error:
        raise ConfigError(f"--window {text}: expected FROM,TO in seconds, for example --window=-0.2,0.8.") from error
    return start, stop


def _values(texts: list[str]) -> dict[str, Any]:
    """Returns the values wanted of each column; a column that stands twice takes either value."""
    wanted: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ConfigError(f"--unit {text}: expected COLUMN=VALUE, for example --unit quality=good.")
        wanted.setdefault(name.strip(), []).append(parse_value(value))
    return wanted
