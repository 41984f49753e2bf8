"""Which discrete state rules each step of a path, by switching regression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.cluster.vq import kmeans2

#: Random features of the latents, beside the latents themselves, that a state's steps are linear in.
_FEATURES = 48
#: Probability of staying in a state.
_STAY = 0.95
#: Penalty of the regressions, in bins; least deviation of a step, in deviations of the latents.
_RIDGE, _LEAST = 1e-3, 1e-4
#: Starts for each state but the first, tried on about so many bins for so many rounds; how many go on, for how many.
_STARTS, _BINS, _TRIED = 24, 9_000, 8
_KEPT, _FURTHER = 4, 25
#: Rounds of the best one on all bins.
_ROUNDS = 10
#: Bins of the blocks that random starts give a state to.
_BLOCK = (5, 30)
#: Least gain of the log-likelihood, as a share of it, for another round.
_GAIN = 1e-5


class _Steps(NamedTuple):
    """Steps of paths: features `(B, T-1, F)`, changes of the latents `(B, T-1, D)`, and which count `(B, T-1)`."""

    features: np.ndarray
    change: np.ndarray
    counted: np.ndarray

    def of(self, trials: np.ndarray) -> _Steps:
        """Returns the steps of some trials."""
        return _Steps(*(array[trials] for array in self))


def step_states(
    latents: np.ndarray, n_states: int, seed: int, steps: np.ndarray | None = None, ext_input: np.ndarray | None = None
) -> np.ndarray:
    """Returns the states that best explain the steps of a path, `(B, T, K)`, one-hot: of the step to each bin.

    Each state has a regression of its own, from the latents, random rectified features of them and the input to the
    change; states stay with probability 0.95. Expectation-maximisation runs from states by k-means and from random
    blocks of bins, and the likelihood chooses: k-means alone tells places apart, not dynamics.

    Args:
        latents: `(B, T, D)`, of variance about 1.
        n_states: Number of states K.
        seed: Of features and starts.
        steps: Optional `(B, T)`: 1 in bins of the trial.
        ext_input: Optional `(B, T, U)`: what enters the step to each bin.
    """
    n_trials, n_bins = latents.shape[:2]
    if n_states == 1 or n_bins == 1:
        return np.tile(np.eye(n_states, dtype=np.float32)[0], (n_trials, n_bins, 1))
    rng = np.random.default_rng(seed)
    every = _steps(latents.astype(np.float64), steps, ext_input, rng)
    tried = every.of(np.sort(rng.permutation(n_trials)[: max(1, _BINS // n_bins)]))
    runs = [_improve(tried, start, _TRIED) for start in _starts(tried, n_states, rng)]
    kept = sorted(runs, key=_likelihood)[-_KEPT:]
    best, _ = max((_improve(tried, probs, _FURTHER) for probs, _ in kept), key=_likelihood)
    found, _ = _improve(every, _smoothed(every, _regressions(tried, best))[0], _ROUNDS)
    labels = np.eye(n_states, dtype=np.float32)[found.argmax(-1)]
    return np.concatenate([labels[:, :1], labels], 1)


def _steps(x: np.ndarray, steps: np.ndarray | None, u: np.ndarray | None, rng: np.random.Generator) -> _Steps:
    before = x[:, :-1]
    weights = rng.normal(size=(x.shape[-1], _FEATURES)) / np.sqrt(x.shape[-1])
    rectified = np.maximum(before @ weights + rng.uniform(-1.5, 1.5, _FEATURES), 0.0)
    parts = [np.ones_like(before[..., :1]), before, rectified] + ([] if u is None else [u[:, 1:]])
    counted = np.ones(before.shape[:2]) if steps is None else steps[:, 1:].astype(np.float64)
    return _Steps(np.concatenate(parts, -1), np.diff(x, axis=1), counted)


def _starts(steps: _Steps, k: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yields probabilities of states `(B, T-1, K)`: k-means on latents and changes, then random blocks."""
    n_trials, n_bins = steps.counted.shape
    width = steps.change.shape[-1]
    x, change = steps.features[..., 1 : 1 + width], steps.change
    rows = np.concatenate([x, change / np.maximum(change.std((0, 1)), 1e-9)], -1)
    seen = rows[steps.counted > 0]
    if len(np.unique(seen, axis=0)) > k:
        centers, _ = kmeans2(seen, k, minit="++", seed=rng)
        yield np.eye(k)[((rows[..., None, :] - centers) ** 2).sum(-1).argmin(-1)]
    for _ in range(_STARTS * (k - 1)):
        size = int(rng.integers(*_BLOCK))
        blocks = rng.integers(0, k, (n_trials, -(-n_bins // size)))
        yield np.eye(k)[np.repeat(blocks, size, 1)[:, :n_bins]]


class _Regressions(NamedTuple):
    """Weights `(K, F, D)` and deviations `(K, D)`."""

    weights: np.ndarray
    scale: np.ndarray


def _likelihood(run: tuple[np.ndarray, float]) -> float:
    return run[1]


def _improve(steps: _Steps, probs: np.ndarray, rounds: int) -> tuple[np.ndarray, float]:
    """Returns probabilities of states after rounds of expectation-maximisation, and their log-likelihood."""
    last = -np.inf
    for _ in range(rounds):
        probs, value = _smoothed(steps, _regressions(steps, probs))
        if value - last < _GAIN * abs(value):
            break
        last = value
    return probs, value


def _regressions(steps: _Steps, probs: np.ndarray) -> _Regressions:
    features = steps.features.reshape(-1, steps.features.shape[-1])
    change = steps.change.reshape(len(features), -1)
    weights, scale = [], []
    for own in np.moveaxis(probs * steps.counted[..., None], -1, 0):
        share = own.reshape(-1, 1)
        weighed = (features * share).T
        weights.append(np.linalg.solve(weighed @ features + _RIDGE * np.eye(len(weighed)), weighed @ change))
        missed = share * (change - features @ weights[-1]) ** 2
        scale.append(np.sqrt(missed.sum(0) / max(share.sum(), 1.0) + _LEAST**2))
    return _Regressions(np.stack(weights), np.stack(scale))


def _smoothed(steps: _Steps, fits: _Regressions) -> tuple[np.ndarray, float]:
    """Returns the probabilities of states given all steps, and the log-likelihood of these."""
    missed = (steps.change[..., None, :] - np.einsum("btf,kfd->btkd", steps.features, fits.weights)) / fits.scale
    density = (-0.5 * missed**2 - np.log(fits.scale)).sum(-1) * steps.counted[..., None]
    return _forward_backward(density)


def _forward_backward(density: np.ndarray) -> tuple[np.ndarray, float]:
    n_trials, n_bins, k = density.shape
    follow = np.full((k, k), (1.0 - _STAY) / (k - 1))
    np.fill_diagonal(follow, _STAY)
    top = density.max(-1, keepdims=True)
    likely = np.exp(density - top)
    before, total = np.empty_like(likely), np.empty((n_trials, n_bins))
    carried = np.full((n_trials, k), 1.0 / k)
    for t in range(n_bins):
        joint = carried * likely[:, t]
        total[:, t] = joint.sum(-1)
        before[:, t] = joint / total[:, t, None]
        carried = before[:, t] @ follow
    probs, later = before.copy(), np.ones((n_trials, k))
    for t in range(n_bins - 2, -1, -1):
        later = (likely[:, t + 1] * later) @ follow.T
        later /= later.sum(-1, keepdims=True)
        joint = before[:, t] * later
        probs[:, t] = joint / joint.sum(-1, keepdims=True)
    return probs, float((np.log(total) + top[..., 0]).sum())
