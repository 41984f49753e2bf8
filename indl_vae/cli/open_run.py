"""Opens a run together with data, so that whatever is wrong is said before TensorFlow loads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from indl_vae.cli.tensorflow_loading import load_tensorflow
from indl_vae.errors import ConfigError, DataError
from indl_vae.params import Params
from indl_vae.run_folder import RunFolder

if TYPE_CHECKING:
    from indl_vae.data import Dataset
    from indl_vae.training import Run

#: Which models of a run there are to choose from.
CHECKPOINTS = ("best", "latest")


def open_run(folder: Path, data: Path | None = None, checkpoint: str = "best") -> Run:
    """Opens a run folder; loads TensorFlow.

    Raises:
        RunError: It is no run folder.
        ConfigError: There is no such kind of checkpoint.
    """
    if checkpoint not in CHECKPOINTS:
        raise ConfigError(f"--checkpoint {checkpoint}: expected one of {', '.join(CHECKPOINTS)}.")
    RunFolder(folder).check()
    load_tensorflow()
    from indl_vae.training import load_run

    return load_run(folder, data, checkpoint)


def open_run_with(folder: Path, data: Path, splits: str | None = None, checkpoint: str = "best") -> tuple[Run, Dataset]:
    """Opens a run folder and data that its model is to be applied to.

    Args:
        folder: The run.
        data: The data file.
        splits: "present" for those that there are; by default there must be one to train on and one to validate on.
        checkpoint: "best" or "latest".

    Raises:
        RunError: It is no run folder.
        DataError: The data cannot be used, have another number of channels than the model, or are of a session that it
            does not know.
    """
    from indl_vae.data import load_for

    files = RunFolder(folder)
    files.check()
    dataset = load_for(Params.from_yaml(files.params), data, splits=splits)
    run = open_run(folder, data, checkpoint)
    dataset = run.fit(dataset)
    places = run.model.spec.sessions
    if len(places) > 1:
        from indl_vae.data.sessions import arrange_sessions

        return run, arrange_sessions(dataset, places)
    wanted, found = run.model.spec.n_channels, dataset.spec.n_channels
    if wanted != found:
        raise DataError(
            f"{dataset.source}: has {found} channels, but the model of {folder} was trained on {wanted}. Give data of "
            "the same channels in the same order."
        )
    return run, dataset
