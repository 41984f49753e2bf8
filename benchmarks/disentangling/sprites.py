"""DSAE on sprites: characters never seen in training, their looks and their action exchanged, judged exactly.

Needs `sprites` of the data folder that $INDL_VAE_DATA names. A trial is an action of a character: 8 images.
"""

from __future__ import annotations

import functools
import itertools
import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.disentangling.labels import labels
from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.disentanglement import swap_test
from indl_vae.data import Dataset

LAYERS = ("body", "bottom", "top", "hair")
SIZE = 32
#: Characters that validate and that test, of 384.
_VALID, _TEST = 24, 96
#: Trials that the judge compares at once.
_CHUNK = 64


@functools.cache
def characters() -> tuple[np.ndarray, np.ndarray]:
    """Returns the attributes of all characters `(384, 4)` and their actions `(384, 9, 8, S, S, 3)` in 0..1."""
    path = Path(os.environ["INDL_VAE_DATA"]) / "sprites" / "lpc_layers.npz"
    with np.load(path, allow_pickle=False) as file:
        layers = [_smaller(file[name]) for name in LAYERS]
    attributes = np.array(list(itertools.product(*(range(len(layer)) for layer in layers))))
    images = np.empty((len(attributes), *layers[0].shape[1:-1], 3), np.float32)
    for image, chosen in zip(images, attributes, strict=True):
        image[:] = _composed([layer[i] for layer, i in zip(layers, chosen, strict=True)])
    return attributes, images


def _smaller(layer: np.ndarray) -> np.ndarray:
    """Averages squares of pixels, colours weighted by how opaque they are; they stay multiplied by that."""
    times = layer.shape[-2] // SIZE
    values = layer.astype(np.float32) / 255.0
    values[..., :3] *= values[..., 3:]
    shape = (*values.shape[:3], SIZE, times, SIZE, times, 4)
    return values.reshape(shape).mean((4, 6))


def _composed(layers: list[np.ndarray]) -> np.ndarray:
    """Lays each layer over those before it, on black."""
    image = np.zeros((*layers[0].shape[:-1], 3), np.float32)
    for layer in layers:
        image = layer[..., :3] + (1.0 - layer[..., 3:]) * image
    return image


def make_sprites(seed: int) -> Dataset:
    """Returns all actions of the characters, which are split; every value of an attribute occurs in training."""
    attributes, images = characters()
    order = np.random.default_rng(seed).permutation(len(attributes))
    places = {"test": order[:_TEST], "valid": order[_TEST : _TEST + _VALID], "train": order[_TEST + _VALID :]}
    splits = {}
    for name in ("train", "valid", "test"):
        chosen, n_actions, n_bins = places[name], images.shape[1], images.shape[2]
        action = np.tile(np.arange(n_actions), len(chosen))
        splits[name] = {
            "x": images[chosen].reshape(len(chosen) * n_actions, n_bins, -1),
            "static_label": attributes[chosen].repeat(n_actions, 0),
            "dynamic_label": action[:, None].repeat(n_bins, 1),
        }
    return Dataset.from_arrays(**splits, likelihood="gaussian")


class SpriteJudge:
    """Names the character and the action that images `(B, 8, S * S * 3)` are nearest to, of all there are."""

    def __init__(self) -> None:
        self.attributes, images = characters()
        self.n_actions = images.shape[1]
        self.flat = images.reshape(images.shape[0] * self.n_actions, -1)
        self.norms = np.square(self.flat).sum(1)

    def nearest(self, x: np.ndarray) -> np.ndarray:
        """Returns the place `(B,)` among all actions of all characters."""
        flat = np.asarray(x, np.float32).reshape(len(x), -1)
        parts = [flat[i : i + _CHUNK] for i in range(0, len(flat), _CHUNK)]
        return np.concatenate([np.argmin(self.norms - 2.0 * part @ self.flat.T, axis=1) for part in parts])

    def static(self, x: np.ndarray) -> np.ndarray:
        """Returns the attributes `(B, 4)`."""
        return self.attributes[self.nearest(x) // self.n_actions]

    def dynamic(self, x: np.ndarray) -> np.ndarray:
        """Returns the actions `(B,)`."""
        return self.nearest(x) % self.n_actions


def _score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    judge, (static, dynamic) = SpriteJudge(), labels(data.test)
    order = np.random.default_rng(seed).permutation(data.test.n_trials)
    test, partner = data.test, data.test.take(order)
    plain, other = (run.model.reconstruct(one, push_mean=True) for one in (test, partner))
    decoder = run.model.decode(other["static"], plain["dynamic"])
    swap = swap_test(decoder["rates"], static[order], dynamic, judge)
    kept = swap_test(plain["rates"], static, dynamic, judge)
    per_image = np.square(plain["rates"] - test.x).mean()
    exact = swap_test(test.x, static, dynamic, judge)
    return {
        "judge_on_originals": [*exact.static, exact.dynamic],
        **{
            f"swap_{name}": value for name, value in zip((*LAYERS, "action"), (*swap.static, swap.dynamic), strict=True)
        },
        **{
            f"kept_{name}": value for name, value in zip((*LAYERS, "action"), (*kept.static, kept.dynamic), strict=True)
        },
        "mean_square_error": per_image,
        "mean_square_of_the_mean_image": np.square(test.x - data.train.x.mean((0, 1))).mean(),
    }


_SIZES: dict[str, Any] = {
    "likelihood": "gaussian",
    "gaussian_scale": "fixed",
    "scale_channels": False,
    "image_shape": (SIZE, SIZE, 3),
    "conv_filters": (32, 64, 64),
    "feature_units": 128,
    "decoder_units": 128,
    "f_units": 128,
    "f_latent_size": 12,
    "kl_f_weight": 3.0,
    "z1_units": 128,
    "z_latent_size": 3,
    "kl_z_weight": 0.01,
    "z_prior_units": 64,
    "batch_size": 32,
    "learning_rate": 1e-3,
    "n_epochs": 40,
    "patience": 0,
    "select_on": "loss",
}
EXPERIMENT = Experiment(
    {"full": Variant("dsae_full", {**_SIZES, "z2_units": 128}), "factorized": Variant("dsae_factorized", _SIZES)},
    make_sprites,
    _score,
)
