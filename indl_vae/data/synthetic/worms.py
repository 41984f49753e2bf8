"""Animals with different neurons, whose activity behaviour and hidden signals make, all of it known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from indl_vae.data.synthetic.worm_behavior import make_behavior, make_latents
from indl_vae.data.synthetic.worm_neurons import (
    NeuronClasses,
    choose_neurons,
    draw_classes,
    draw_noise,
    encode,
    of_one_animal,
)
from indl_vae.data.worms.behaviors import DEFAULT_BEHAVIORS, LAB_SCALES
from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.worm_set import UNKNOWN, WormSet
from indl_vae.errors import ConfigError

#: Frames of a pause, and the share of animals that have one.
_PAUSE, _PAUSES = 100, 0.3


@dataclass(frozen=True, eq=False)
class Worms:
    """Made worms and what is hidden behind them. Class k from 1 up is label k.

    Attributes:
        worms: The recordings: activity of mean 0 and deviation 1 for each neuron.
        classes: Parameters of the classes.
        latents: By uid, hidden signals `(T, k)`, of deviation 1 in the long run.
        clean: By uid, activity without noise of every class, recorded or not, `(T, C)`, in the units of the activity.
        full: By uid, activity with noise of every class, recorded or not, `(T, C)`.
        true_identity: By uid, the class of every recorded neuron, labelled or not, `(N,)`, from 1 up.
    """

    worms: WormSet
    classes: NeuronClasses
    latents: Mapping[str, np.ndarray]
    clean: Mapping[str, np.ndarray]
    full: Mapping[str, np.ndarray]
    true_identity: Mapping[str, np.ndarray]


class _Animal(NamedTuple):
    recording: WormRecording
    latents: np.ndarray
    clean: np.ndarray
    full: np.ndarray
    true_identity: np.ndarray


def make_worms(
    seed: int = 0,
    n_animals: int = 40,
    n_bins: int = 1600,
    n_classes: int = 154,
    n_latents: int = 3,
    unlabeled: float = 0.4,
    noise: float = 1.0,
    bin_width_s: float = 0.6,
) -> Worms:
    """Makes animals after the published encoding model (Atanas et al. 2023) and the moments of its recordings.

    Behaviour drives neurons as in `worm_neurons.encode`; hidden signals that behaviour does not explain are added with
    the same loadings in all animals, so that other neurons tell of a hidden one what behaviour cannot.

    Args:
        seed: Seed of everything random.
        n_animals: Number of animals.
        n_bins: Frames T of each; they are recorded in two segments, between which some animals have a pause.
        n_classes: Classes C of neurons; an animal records about 89 % of them, each once.
        n_latents: Number of hidden signals k.
        unlabeled: Share of the recorded neurons that are not identified.
        noise: Factor of all noise; 0 for none.
        bin_width_s: Seconds from frame to frame.

    Raises:
        ConfigError: An option is out of its range.
    """
    for name, value, least in (("n_animals", n_animals, 1), ("n_bins", n_bins, 20), ("n_classes", n_classes, 4)):
        if value < least:
            raise ConfigError(f"{name}: {value!r}, expected a number from {least} up.")
    if n_latents < 0 or noise < 0 or bin_width_s <= 0:
        raise ConfigError(
            f"n_latents, noise, bin_width_s: {n_latents!r}, {noise!r} and {bin_width_s!r}, expected numbers from 0 up, "
            "the last one above 0."
        )
    if not 0.0 <= unlabeled < 1.0:
        raise ConfigError(f"unlabeled: {unlabeled!r}, expected a share from 0 up and below 1.")
    classes = draw_classes(np.random.default_rng([seed, 0]), n_classes, n_latents)
    made = [
        _animal(
            np.random.default_rng([seed, 1, i]), f"worm-{i + 1:02d}", classes, (n_bins, bin_width_s), unlabeled, noise
        )
        for i in range(n_animals)
    ]
    labels = (UNKNOWN, *(f"N{k:03d}" for k in range(1, n_classes + 1)))
    scales = np.array([LAB_SCALES[name] for name in DEFAULT_BEHAVIORS])
    worms = WormSet.of([animal.recording for animal in made], labels, DEFAULT_BEHAVIORS, scales)
    truth = {name: {one.recording.uid: getattr(one, name) for one in made} for name in _Animal._fields[1:]}
    return Worms(worms, classes, **truth)


def _animal(
    rng: np.random.Generator,
    uid: str,
    classes: NeuronClasses,
    frames: tuple[int, float],
    unlabeled: float,
    noise: float,
) -> _Animal:
    n_frames, dt = frames
    pause = _PAUSE if rng.random() < _PAUSES else 0
    n_all, half = n_frames + pause, n_frames // 2
    # Time goes on during a pause; only recording stops.
    kept = np.r_[0:half, half + pause : n_all]
    behavior = make_behavior(rng, n_all, dt)
    latents = make_latents(rng, n_all, dt, classes.loadings.shape[1])
    neurons = of_one_animal(rng, classes)
    clean = encode(neurons, behavior / np.array([LAB_SCALES[name] for name in DEFAULT_BEHAVIORS]), latents)
    full = (clean + noise * draw_noise(rng, neurons, n_all))[kept]
    mean, spread = full.mean(0), np.maximum(full.std(0), 1e-9)
    recorded, labeled = choose_neurons(rng, classes.presence, unlabeled)
    clean, full = (((values - mean) / spread).astype(np.float32) for values in (clean[kept], full))
    recording = WormRecording(
        uid,
        full[:, recorded],
        behavior[kept],
        np.where(labeled, recorded + 1, 0),
        segments=((0, half), (half, n_frames)),
        dt=dt,
        extras={"time": kept * dt},
    )
    return _Animal(recording, latents[kept].astype(np.float32), clean, full, recorded + 1)
