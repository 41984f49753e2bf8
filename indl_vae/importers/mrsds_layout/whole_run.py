"""A run by the published arguments: begun, or gone on with where there is one already."""

from __future__ import annotations

import json
import os
from pathlib import Path

from indl_vae.data import Dataset, load_for, write_dataset
from indl_vae.errors import RunError
from indl_vae.importers.mrsds_layout.arguments import Arguments
from indl_vae.importers.mrsds_layout.data_source import load_source
from indl_vae.importers.mrsds_layout.layout_files import LayoutFiles
from indl_vae.importers.mrsds_layout.outputs import LayoutOutputs
from indl_vae.importers.mrsds_layout.run_config import RunConfig, read_config
from indl_vae.importers.mrsds_layout.text_log import TextLog
from indl_vae.json_file import write_json
from indl_vae.params import Params, dump_yaml, load_yaml
from indl_vae.training import Run, train
from indl_vae.training.tensorboard_log import TensorBoardLog


def run_training(arguments: Arguments) -> Run:
    """Trains a model and writes the run folder, and the published files beside it.

    Called again with the same arguments it goes on with a run that was ended, in the stage that it was in; a finished
    run writes its last files again.

    Args:
        arguments: From `read_arguments`.

    Returns:
        The run.

    Raises:
        ConfigError: The configuration, a setting or the source of the data is not usable.
        DataError: The data are not usable.
        RunError: There is a run of that name with other arguments, or none although one is to be resumed.
        TrainingDivergedError: The loss is no longer finite.
    """
    files = LayoutFiles(arguments.resultpath, arguments.name)
    config = read_config(arguments.configpath, arguments.settings)
    params = config.params(arguments)
    if files.began:
        _check_same(files, arguments, config)
    elif arguments.resume:
        raise RunError(f"{files.run.path}: no run to resume; start without --resume.")
    resume = files.resumable
    dataset = load_for(params, files.data.absolute()) if resume else _begin(files, arguments, config, params)
    log = TextLog(files.log, anew=not resume)
    log.write(f"{'going on with' if resume else 'training'} {arguments.name}: {dataset!r}")
    outputs = LayoutOutputs(files, dataset, config, log, arguments.dataseed)
    events = TensorBoardLog(files.logs)
    run = train(params, dataset, files.run.path, resume=resume, callbacks=[events, outputs])
    outputs.write_latents(run.model)
    log.write(f"finished; latents of the best model in {files.latents.name}")
    return run


def _begin(files: LayoutFiles, arguments: Arguments, config: RunConfig, params: Params) -> Dataset:
    """Loads the data and keeps them as they were divided, and what the run is made from, beside the run folder."""
    if not files.began:
        _refuse_foreign(files)
    dataset = load_source(arguments, config, params)
    files.resultpath.mkdir(parents=True, exist_ok=True)
    for folder in (files.run.path, files.models, files.models_do) if files.began else ():
        _put_aside(folder)
    files.series.unlink(missing_ok=True)
    write_dataset(dataset, files.data)
    dump_yaml(config.tree, files.config)
    write_json({**arguments.shared, "settings": dict(config.settings)}, files.arguments)
    return load_for(params, files.data.absolute())


def _refuse_foreign(files: LayoutFiles) -> None:
    there = [one for one in (files.models, files.models_do, files.latents) if one.exists()]
    if there:
        raise RunError(
            f"{there[0]}: is there already, and no run folder {files.name} beside it; it was not touched. Choose "
            "another -name, or move it away."
        )


def _put_aside(folder: Path) -> None:
    """Renames a folder of a run that ended before its first checkpoint: there is nothing in it to go on from."""
    if not folder.exists():
        return
    number = 1
    while (other := folder.with_name(f"{folder.name}-unfinished-{number}")).exists():
        number += 1
    os.replace(folder, other)


def _check_same(files: LayoutFiles, arguments: Arguments, config: RunConfig) -> None:
    """Refuses to go on with a run by other arguments than those it was begun with."""
    if not files.arguments.is_file() or not files.config.is_file():
        raise RunError(
            f"{files.run.path}: is a run without {files.arguments.name} and {files.config.name}; choose another -name."
        )
    given = {**arguments.shared, "settings": dict(config.settings), "configuration": config.tree}
    began = {**json.loads(files.arguments.read_text(encoding="utf-8")), "configuration": load_yaml(files.config)}
    other = [name for name, value in given.items() if _plain(value) != _plain(began.get(name))]
    if other:
        listed = ", ".join(f"{name} = {given[name]!r} (there {began.get(name)!r})" for name in other[:3])
        raise RunError(
            f"{files.run.path}: the run of this name was begun with other arguments: {listed[:600]}. Give the same, or "
            "choose another -name."
        )


def _plain(value: object) -> str:
    return json.dumps(value, sort_keys=True)
