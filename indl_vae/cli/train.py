"""`indl-vae train`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from indl_vae.cli.devices import choose_device, chosen_device
from indl_vae.cli.options import ConfigOption, DataOption, FamilyOption, PresetOption, SetOption
from indl_vae.cli.settings import given_params, resumed_params
from indl_vae.cli.tensorflow_loading import load_tensorflow
from indl_vae.errors import ConfigError, RunError, TrainingDivergedError
from indl_vae.run_folder import RunFolder


def train(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", metavar="RUN", help="Folder of the run; new.", show_default=False)],
    family: FamilyOption = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    settings: SetOption = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in RUN, with its parameters.")] = False,
    reset_learning_rate: Annotated[
        bool,
        typer.Option("--reset-learning-rate", help="With --resume: set the learning rate back to learning_rate."),
    ] = False,
    start_from: Annotated[
        Path | None,
        typer.Option(
            "--start-from",
            metavar="RUN",
            help="Run whose parameters and weights are the first ones; new sessions are added to it.",
            show_default=False,
        ),
    ] = None,
    devices: Annotated[
        int,
        typer.Option("--devices", metavar="N", min=1, help="GPUs, or parts of the CPU, that share every batch."),
    ] = 1,
) -> None:
    """Train a model into a run folder.

    Parameters: the preset, under --config, under --set. An interrupted run (Ctrl-C, SIGTERM) is saved and goes on with
    --resume, to which --set n_epochs=N gives another end. A session is added to a trained model with --start-from RUN
    --set train_io_only=true.
    """
    if start_from is not None and resume:
        raise ConfigError("--start-from and --resume: expected one of them, got both. A resumed run goes on by itself.")
    if reset_learning_rate and not resume:
        raise ConfigError("--reset-learning-rate: expected --resume beside it, got none. Leave it out of a new run.")
    files = RunFolder(out)
    files.check_resumable() if resume else files.check_free()
    asked = (family, preset, config, settings or ())
    params = (
        resumed_params(files, *asked, reset_learning_rate=reset_learning_rate)
        if resume
        else given_params(*asked, start_from=start_from)
    )
    dataset = _load(params, data, files, resume)
    choose_device(chosen_device()._replace(count=devices))
    load_tensorflow()
    from indl_vae.training import load_run
    from indl_vae.training import train as train_model

    first = None if start_from is None else load_run(start_from)
    try:
        run = train_model(
            params,
            dataset,
            out,
            resume=resume,
            reset_learning_rate=reset_learning_rate,
            start_from=first,
            devices=devices,
        )
    except TrainingDivergedError:
        raise  # going on would diverge again
    except BaseException:
        _say_what_is_saved(files, data)
        raise
    _say_what_is_next(run, data)


def _load(params: Any, data: Path, files: RunFolder, resume: bool) -> Any:
    """Loads the data; their path is kept absolute, so that the run finds them from any folder."""
    from indl_vae.data import load_for

    dataset = load_for(params, data.absolute())
    known = files.data_info().get("sha256") if resume else None
    if known and known != dataset.sha256:
        raise RunError(
            f"{dataset.source}: not the data that {files.path} was trained on (SHA-256 {dataset.sha256[:12]}..., "
            f"expected {known[:12]}...). Give the same file, or start a new run."
        )
    return dataset


def _say_what_is_saved(files: RunFolder, data: Path) -> None:
    if (files.checkpoints / "checkpoint").is_file():
        again = f"indl-vae train --data {_quoted(data)} --out {_quoted(files.path)} --resume"
        typer.echo(f"The state of the run is saved in {files.path}. Go on with: {again}", err=True)


def _say_what_is_next(run: Any, data: Path) -> None:
    out, given = _quoted(run.folder), _quoted(data)
    lines = [
        f"Trained for {len(run.history)} epochs.",
        f"  best model                {run.files.best}",
        f"  scores of every epoch     {run.files.metrics}",
        f"  parameters, data, events  {run.files.params}, {run.files.data.name}, {run.files.log.name}",
        "Next:",
        f"  indl-vae report {out}",
        f"  indl-vae evaluate {out} --data {given} --out {_quoted(run.folder / 'metrics.json')}",
        f"  indl-vae posterior {out} --data {given} --out {_quoted(run.folder / 'posterior.h5')}",
        f"  tensorboard --logdir {out}",
    ]
    typer.echo("\n".join(lines))


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
