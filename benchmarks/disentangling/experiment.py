"""What the experiments have in common: data, a model trained into a folder once, figures of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

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


def count(model: Any) -> int:
    """Returns the number of trained weights."""
    return int(sum(np.prod(weight.shape) for weight in model.trainable_weights))


def labels(split: Any) -> tuple[np.ndarray, np.ndarray]:
    """Returns a split's static labels `(B,)` or `(B, K)` and dynamic labels `(B,)` (those of the first bin), whole."""
    static = np.asarray(split.extras["static_label"]).astype(int)
    return static, np.asarray(split.extras["dynamic_label"])[:, 0, 0].astype(int)


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return _plain(value)
        array = np.asarray(value)
        return np.round(array.astype(float), 4).tolist() if array.dtype.kind in "fiub" else value

    return {name: plain(value) for name, value in figures.items()}
