"""How made worms' neurons encode behaviour and hidden signals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Deviations of loadings on hidden signals and of private noise, and share of weights that are zero.
_LOADING_SD, _PRIVATE_SD, _ZERO = 0.35, 0.3, 0.4
#: Relative deviation of an animal's parameters from those of the class.
_DEVIATION = 0.2
#: Neurons that the published recordings hold, their deviation, and of how many classes.
_RECORDED, _RECORDED_SD, _OF_CLASSES = 137.0, 12.0, 154


class NeuronClasses(NamedTuple):
    """Parameters of classes of neurons (the model CePNEM of Atanas et al. 2023).

    Attributes:
        tuning: `(C, 5)`: c_vT, c_v, c_theta, c_P, c.
        decay: `(C,)`: s, frames that behaviour is averaged over.
        baseline: `(C,)`: b.
        noise: `(C,)`: deviation of white noise.
        loadings: `(C, k)`: weights of the hidden signals, the same in every animal.
        presence: `(C,)`: how often a neuron of the class is identified.
    """

    tuning: np.ndarray
    decay: np.ndarray
    baseline: np.ndarray
    noise: np.ndarray
    loadings: np.ndarray
    presence: np.ndarray


def draw_classes(rng: np.random.Generator, n_classes: int, n_latents: int) -> NeuronClasses:
    """Returns the classes that all animals share."""
    tuning = rng.normal(size=(n_classes, 5))
    tuning[:, :4] *= rng.random((n_classes, 4)) >= _ZERO
    return NeuronClasses(
        tuning,
        10.0 * np.exp(rng.normal(size=n_classes)),
        rng.normal(size=n_classes),
        0.5 * np.exp(0.5 * rng.normal(size=n_classes)),
        _LOADING_SD * rng.normal(size=(n_classes, n_latents)),
        rng.beta(2.2, 1.8, n_classes),
    )


def of_one_animal(rng: np.random.Generator, classes: NeuronClasses) -> NeuronClasses:
    """Returns the classes' parameters as they are in one animal, a fifth away from the class's."""
    near = lambda values: values * (1.0 + _DEVIATION * rng.normal(size=values.shape))  # noqa: E731
    return classes._replace(
        tuning=near(classes.tuning),
        # Multiplied by an exponential: a decay has to stay above 0.
        decay=classes.decay * np.exp(_DEVIATION * rng.normal(size=classes.decay.shape)),
        baseline=near(classes.baseline),
    )


def encode(neurons: NeuronClasses, behavior: np.ndarray, latents: np.ndarray) -> np.ndarray:
    """Returns activity without noise, `(T, C)`.

    Behaviour contributes `y_t = (g_t + s (y_{t-1} - b)) / (s + 1) + b`, to which hidden signals are added by their
    loadings; `g_t = ((c_vT + 1) - 2 c_vT [v_t < 0]) / sqrt(c_vT^2 + 1) * (c_v v_t + c_theta theta_t + c_P P_t + c)`.

    Args:
        neurons: Parameters of C neurons.
        behavior: v, theta and P in units of their deviations, `(T, 3)`.
        latents: Hidden signals `(T, k)`.
    """
    switch, weights, constant = neurons.tuning[:, 0], neurons.tuning[:, 1:4], neurons.tuning[:, 4]
    reverse = (behavior[:, :1] < 0).astype(np.float64)
    gain = ((switch + 1.0) - 2.0 * switch * reverse) / np.sqrt(switch**2 + 1.0)
    driven = gain * (behavior @ weights.T + constant)
    state, found = driven.mean(0), np.zeros_like(driven)
    for t, drive in enumerate(driven):
        state = (drive + neurons.decay * state) / (neurons.decay + 1.0)
        found[t] = state
    return found + neurons.baseline + latents @ neurons.loadings.T


def draw_noise(rng: np.random.Generator, neurons: NeuronClasses, n_frames: int) -> np.ndarray:
    """Returns white noise of each neuron's deviation and 1/f noise of its own, `(T, C)`."""
    n_classes = len(neurons.noise)
    spectrum = rng.normal(size=(n_frames // 2 + 1, n_classes, 2)) @ np.array([1.0, 1j])
    frequency = np.arange(n_frames // 2 + 1)
    spectrum = np.where(frequency[:, None] > 0, spectrum / np.sqrt(np.maximum(frequency, 1))[:, None], 0.0)
    slow = np.fft.irfft(spectrum, n_frames, axis=0)
    return neurons.noise * rng.normal(size=(n_frames, n_classes)) + _PRIVATE_SD * slow / slow.std(0)


def choose_neurons(rng: np.random.Generator, presence: np.ndarray, unlabeled: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns classes of recorded neurons, `(N,)` from 0 up in random order, and which are labelled, `(N,)` bool.

    Classes that are identified more often are recorded more often too.

    Args:
        rng: Of the draw.
        presence: How often each class is identified, `(C,)`.
        unlabeled: Share of the recorded neurons without a label.
    """
    n_classes = len(presence)
    scale = n_classes / _OF_CLASSES
    n = int(np.clip(round(rng.normal(_RECORDED * scale, _RECORDED_SD * scale)), 2, n_classes))
    # The largest of odds times Gumbel noise are a draw without replacement by these odds.
    odds = np.log(presence / (1.0 - presence))
    score = odds + rng.gumbel(size=n_classes)
    recorded = rng.permutation(np.argsort(-score)[:n])
    score = odds[recorded] + rng.gumbel(size=n)
    labeled = np.zeros(n, bool)
    labeled[np.argsort(-score)[: max(1, round((1.0 - unlabeled) * n))]] = True
    return recorded, labeled
