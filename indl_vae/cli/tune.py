"""`indl-vae tune`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from indl_vae.cli.devices import chosen_device
from indl_vae.cli.options import ConfigOption, DataOption, FamilyOption, PresetOption, SetOption, check_folder
from indl_vae.cli.scan import device_words
from indl_vae.cli.settings import parse_settings, parse_values
from indl_vae.cli.tensorflow_loading import load_tensorflow
from indl_vae.errors import ConfigError
from indl_vae.params import parse_value

#: LOW..HIGH, and possibly its scale.
_RANGE = re.compile(r"\s*(?P<low>[^\s:,\[\]]+?)\.\.(?P<high>[^\s:,\[\]]+?)(?::(?P<scale>\w+))?\s*")


def tune(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder of the search.", show_default=False)],
    family: FamilyOption = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    settings: SetOption = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            "--space",
            metavar="NAME=VALUES",
            help="A parameter to search: low..high, low..high:log, [a, b], or its name alone for its own range; may be "
            "repeated. Without, all that are made for it.",
            show_default=False,
        ),
    ] = None,
    tuner: Annotated[
        str | None,
        typer.Option(
            "--tuner", metavar="NAME", help="random, bayesian (if none is named) or hyperband.", show_default=False
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials", min=1, help="Number of trials; 20, and of hyperband a whole sweep.", show_default=False
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs", min=1, help="Epochs of a trial, of hyperband those of the longest.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Seed of what is drawn.", show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Trials at once here, which share the cores.")] = 1,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", metavar="ROLE", help="On a cluster: chief, or worker on the other machines.", show_default=False
        ),
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="HOST:PORT", help="Of the chief.", show_default=False)
    ] = None,
    worker_timeout: Annotated[
        float, typer.Option("--worker-timeout", min=1.0, help="Seconds of silence after which a worker is dead.")
    ] = 60.0,
) -> None:
    """Search parameters with keras-tuner.

    Trials are scored on what the encoders do not see. What --set fixes is not searched; the config is a start. Started
    again, it goes on. Writes tuning.csv, tuning.png and best.yaml, for train --config.
    """
    _check_role(role, address, workers)
    search = {"--family": family, "--preset": preset, "--config": config, "--set": settings, "--space": space}
    search |= {"--tuner": tuner, "--trials": trials, "--epochs": epochs, "--seed": seed}
    if role == "worker":
        _check_worker(search)
    asked = parse_space(space) if space else None
    fixed = parse_settings(settings or ())
    check_folder(out, "--out")
    load_tensorflow()
    from indl_vae.tuning import tune as run_search
    from indl_vae.tuning.job import COMMAND
    from indl_vae.tuning.search_table import best_row
    from indl_vae.tuning.search_worker import work_for

    command = (*COMMAND, *device_words(chosen_device()))
    if role == "worker":
        work_for(str(address), data, out, workers, worker_timeout, command=command)
        return
    rows = run_search(
        family, data, out, asked, tuner or "bayesian", trials, epochs, seed or 0, workers, config, preset, fixed,
        address=address, worker_timeout=worker_timeout, command=command, worker_command=command,
    )  # fmt: skip
    best = best_row(rows)
    finished = sum(row["status"] == "finished" for row in rows)
    typer.echo(f"{finished} of {len(rows)} trials have a score: {out / 'tuning.csv'}, {out / 'tuning.png'}")
    if best is not None:
        typer.echo(f"Best: trial {best['trial']}, score {best['score']:.6g}: {out / 'best.yaml'}, run {best['folder']}")


def parse_space(texts: Sequence[str]) -> dict[str, Any]:
    """Returns the space that `NAME=VALUES` texts stand for.

    Raises:
        ConfigError: There is no name, a name stands twice, or what stands behind it says no values.
    """
    space: dict[str, Any] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip()
        if not name or (equals and not values.strip()):
            raise ConfigError(f"--space {text}: expected NAME=LOW..HIGH, NAME=LOW..HIGH:log, NAME=[A, B] or NAME.")
        if name in space:
            raise ConfigError(f"--space {text}: {name} stands twice. Leave one of them out.")
        space[name] = _values(text, values) if equals else None
    return space


def _values(text: str, written: str) -> Any:
    match = _RANGE.fullmatch(written)
    if match is not None:
        return {
            "low": parse_value(match["low"]),
            "high": parse_value(match["high"]),
            "scale": match["scale"] or "linear",
        }
    return parse_values(written, f"--space {text}")


def _check_role(role: str | None, address: str | None, workers: int) -> None:
    if role not in (None, "chief", "worker"):
        raise ConfigError(f"--role {role}: expected chief or worker. Leave it out for a search on this machine alone.")
    if (role is None) != (address is None):
        raise ConfigError("--role and --address: expected both or none of them. Give --address HOST:PORT of the chief.")
    if role == "chief" and workers > 1:
        raise ConfigError("--workers: expected none with --role chief. Start them with --role worker.")


def _check_worker(search: dict[str, Any]) -> None:
    given = [name for name, value in search.items() if value]
    if given:
        raise ConfigError(
            f"{given[0]}: expected nothing of the kind with --role worker, which does what search.yaml in --out says. "
            "Give it to the chief."
        )
