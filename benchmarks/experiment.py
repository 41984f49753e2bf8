"""What experiments have in common: data, a model trained into a folder once, figures of it, a command line."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import indl_vae
from indl_vae.data import Dataset
from indl_vae.params import parse_value


class Variant(NamedTuple):
    """A model of an experiment.

    Attributes:
        family: Name of the family, or of one of its variants.
        settings: Its parameters.
        data: Options of the data.
    """

    family: str
    settings: Mapping[str, Any]
    data: Mapping[str, Any] = {}


class Experiment(NamedTuple):
    """An experiment.

    Attributes:
        variants: Models by name.
        make_data: Makes the data set, from a seed and the variant's options.
        score: Figures of a trained run on its data.
    """

    variants: Mapping[str, Variant]
    make_data: Callable[..., Dataset]
    score: Callable[[Any, Dataset, int, Variant], dict[str, Any]]

    def run(self, name: str, seed: int, folder: Path, changes: Sequence[str] = ()) -> dict[str, Any]:
        """Returns the figures of a variant and a seed, training it if that was not done before.

        Args:
            name: Of the variant.
            seed: Of data and model.
            folder: Of the experiment.
            changes: Parameters that win, as "key=value".
        """
        variant, tag = self.variants[name], "_".join([name, str(seed), *changes]).replace("/", "-")
        data, place = self.make_data(seed, **variant.data), folder / tag
        if not (place / "seconds.json").exists():
            given = {key: parse_value(value) for key, value in (change.split("=", 1) for change in changes)}
            params = indl_vae.make_params(variant.family, {"seed": seed, **variant.settings}, **given)
            started = time.monotonic()
            indl_vae.train(params, data, place, resume=(place / "params.yaml").exists())
            (place / "seconds.json").write_text(json.dumps(round(time.monotonic() - started, 1)))
        run = indl_vae.load_run(place)
        seconds = json.loads((place / "seconds.json").read_text())
        figures = self.score(run, data, seed, variant)
        return {**_plain(figures), "weights": count(run.model), "epochs": len(run.history), "seconds": seconds}


def run_experiments(
    experiments: Mapping[str, Experiment], description: str, arguments: Sequence[str] | None = None
) -> None:
    """Runs the experiment that the command line names and prints a row of figures for each seed and variant."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("experiment", choices=experiments)
    parser.add_argument("--folder", type=Path, required=True, help="where runs and figures go")
    parser.add_argument("--seeds", default="0", help="seeds of data and models, with commas")
    parser.add_argument("--variants", default="", help="names of variants, with commas; all by default")
    parser.add_argument("--set", action="append", default=[], dest="settings", help="a parameter that wins, key=value")
    args = parser.parse_args(arguments)
    experiment = experiments[args.experiment]
    for variant in args.variants.split(",") if args.variants else experiment.variants:
        for seed in map(int, args.seeds.split(",")):
            figures = experiment.run(variant, seed, args.folder / args.experiment, args.settings)
            print(json.dumps({"experiment": args.experiment, "variant": variant, "seed": seed, **figures}), flush=True)


def count(model: Any) -> int:
    """Returns the number of trained weights."""
    return int(sum(np.prod(weight.shape) for weight in model.trainable_weights))


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return _plain(value)
        array = np.asarray(value)
        return np.round(array.astype(float), 4).tolist() if array.dtype.kind in "fiub" else value

    return {name: plain(value) for name, value in figures.items()}
