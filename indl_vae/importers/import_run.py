"""Imported weights as a run folder."""

from __future__ import annotations

from pathlib import Path

from indl_vae.importers.imported_weights import ImportedWeights
from indl_vae.models import build_model
from indl_vae.params import make_params
from indl_vae.registry import family_weight_assigner
from indl_vae.run_folder import RunFolder
from indl_vae.training.model_keeper import save_atomically
from indl_vae.training.run import Run
from indl_vae.training.run_log import LOGGER, close_log, open_log

FAMILY = "lfads"


def import_run(imported: ImportedWeights, folder: str | Path) -> Run:
    """Makes a run folder of a model that another code trained.

    Args:
        imported: From one of the readers of `indl_vae.importers`.
        folder: The run folder; must be new or empty.

    Returns:
        The run. It has no history and, since weights say nothing of data, names no data file.

    Raises:
        RunError: There is something in the folder.
        ConfigError: The parameters do not go together.
        DataError: A weight does not fit the model.
    """
    files = RunFolder(folder)
    files.check_free()
    params = make_params(FAMILY, imported.params_mapping)
    model = build_model(params, imported.spec)
    family_weight_assigner(FAMILY)(model, imported.weights)
    model.optimizer.build(model.trainable_variables)  # Keras warns when it loads a model whose optimizer is not
    files.create()
    params.to_yaml(files.params)
    files.write_data_info({"source": None, "imported_from": imported.source, "notes": list(imported.notes)})
    save_atomically(model, files.best)
    _log(files, imported)
    return Run(files.path)


def _log(files: RunFolder, imported: ImportedWeights) -> None:
    handler = open_log(files.log)
    try:
        LOGGER.info("imported from %s", imported.source)
        for note in imported.notes:
            LOGGER.info("%s", note)
    finally:
        close_log(handler)
