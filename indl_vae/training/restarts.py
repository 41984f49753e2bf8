"""Several beginnings, of which the best one goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from rich.console import Console

from indl_vae.data import Dataset
from indl_vae.json_file import write_json
from indl_vae.models import build_model
from indl_vae.models.graph_memory import graphs_released
from indl_vae.numerics import derive_seed
from indl_vae.params import Params
from indl_vae.run_folder import RunFolder
from indl_vae.training.epoch_scores import SELECTED_BY
from indl_vae.training.run_log import LOGGER


def best_of_restarts(
    model: keras.Model,
    params: Params,
    dataset: Dataset,
    files: RunFolder,
    batches: Callable[..., tuple[Any, Any]],
    console: Console | None = None,
) -> None:
    """Trains `restarts` models for `restart_epochs` epochs each; the best one's weights become those of `model`.

    Ramps do not act on them: KL and L2 terms have their full weights, so that scores compare. Scores are those of
    `select_on` on the validation trials, lower is better; they and the seeds are written to `restarts.json`. A score
    that is not finite is never the best.

    Args:
        model: Of the run, not trained yet.
        params: The run's parameters.
        dataset: The data.
        files: Of the run.
        batches: Returns training and validation batches of (parameters, data, feed).
        console: Where what was done and what remains is said; the terminal by default.
    """
    console, began = console or Console(stderr=True), time.monotonic()
    tried, best = [], None
    for number in range(params.restarts):
        seed = derive_seed(params.seed, f"restart_{number}") % 2**31
        with graphs_released():
            score, weights = _trained(params.replace(seed=seed), dataset, batches)
        tried.append({"seed": seed, "score": score if math.isfinite(score) else None})
        if best is None or score < best:
            best = score
            model.set_weights(weights)
        left = (time.monotonic() - began) / (number + 1) * (params.restarts - number - 1)
        said = f"restart {number + 1} of {params.restarts}: {params.select_on} {score:.6g}"
        LOGGER.info(said)
        console.print(f"{said}, about {left:.0f} s remain")
    write_json({"select_on": params.select_on, "epochs": params.restart_epochs, "tried": tried}, files.restarts)


def _trained(
    params: Params, dataset: Dataset, batches: Callable[..., tuple[Any, Any]]
) -> tuple[float, list[np.ndarray]]:
    """Returns the selection score of a model after its epochs, infinity where it is not finite, and its weights."""
    model = build_model(params, dataset)
    train_batches, valid_batches = batches(params, dataset, model.feed)
    feeding = [] if model.feed is None else model.feed.callbacks(dataset.train)
    model.fit(train_batches, epochs=params.restart_epochs, callbacks=feeding, verbose=0)
    scores = model.evaluate(valid_batches, return_dict=True, verbose=0)
    score = float(scores[SELECTED_BY[params.select_on].removeprefix("val_")])
    return score if math.isfinite(score) else math.inf, model.get_weights()
