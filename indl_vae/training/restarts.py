"""Several beginnings, of which the best one goes on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras

from indl_vae.data import Dataset
from indl_vae.json_file import write_json
from indl_vae.models import build_model
from indl_vae.numerics import derive_seed
from indl_vae.params import Params
from indl_vae.run_folder import RunFolder
from indl_vae.training.epoch_scores import SELECTED_BY
from indl_vae.training.run_log import LOGGER

RESTARTS_FILE = "restarts.json"


def best_of_restarts(
    params: Params, dataset: Dataset, files: RunFolder, batches: Callable[..., tuple[Any, Any]]
) -> keras.Model:
    """Trains `restarts` models for `restart_epochs` epochs each and returns the best, its optimizer as at the start.

    Scores are those of `select_on` on the validation trials, lower is better; they and the seeds are written to
    `restarts.json`. A score that is not finite is never the best.

    Args:
        params: The run's parameters.
        dataset: The data.
        files: Of the run.
        batches: Returns training and validation batches of (parameters, data, feed).
    """
    tried, best, weights = [], math.inf, None
    for number in range(params.restarts):
        seed = derive_seed(params.seed, f"restart_{number}") % 2**31
        model = build_model(params.replace(seed=seed), dataset)
        train_batches, valid_batches = batches(params, dataset, model.feed)
        feeding = [] if model.feed is None else model.feed.callbacks(dataset.train)
        model.fit(train_batches, epochs=params.restart_epochs, callbacks=feeding, verbose=0)
        scores = model.evaluate(valid_batches, return_dict=True, verbose=0)
        score = float(scores[SELECTED_BY[params.select_on].removeprefix("val_")])
        LOGGER.info("restart %d of %d: %s %.6g", number + 1, params.restarts, params.select_on, score)
        tried.append({"seed": seed, "score": score if math.isfinite(score) else None})
        if weights is None or score < best:
            best, weights = score if math.isfinite(score) else math.inf, model.get_weights()
    write_json({"select_on": params.select_on, "epochs": params.restart_epochs, "tried": tried}, _path(files))
    chosen = build_model(params, dataset)
    chosen.set_weights(weights)
    return chosen


def _path(files: RunFolder) -> Any:
    return files.path / RESTARTS_FILE
