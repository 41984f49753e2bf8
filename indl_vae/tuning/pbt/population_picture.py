"""The picture of a population."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np

from indl_vae.analysis.plots import plot_population
from indl_vae.tuning.pbt.population import Population


def draw_population(population: Population, path: Path) -> None:
    """Draws the scores and each hyperparameter's history over the generations into a PNG file."""
    history, space = population.history, population.settings.space
    column = lambda read: np.array([[read(one) for one in done["members"]] for done in history], dtype=float)  # noqa: E731
    figure = plot_population(
        epochs=np.array([done["epoch"] for done in history]),
        scores=column(lambda one: math.nan if one["score"] is None else one["score"]),
        values={name: column(lambda one, name=name: one["values"][name]) for name in space},
        copied=[[one["copied"] for one in done["members"]] for done in history],
        logarithmic=[name for name, one in space.items() if one.scale == "log" or name == "learning_rate"],
    )
    part = path.with_name(f".{path.stem}.part.png")
    figure.savefig(part)
    os.replace(part, path)
