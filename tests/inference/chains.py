"""Chains of discrete states by enumeration of all their sequences."""

from __future__ import annotations

import itertools

import numpy as np


def draw_chain(rng, n_trials, n_bins, n_states, constant=False):
    """Returns log-probabilities of first states and transitions, and log-densities."""

    def normal(*shape):
        values = rng.normal(size=shape)
        return values - np.logaddexp.reduce(values, -1, keepdims=True)

    lead = () if constant else (n_trials, n_bins - 1)
    return normal(n_trials, n_states), normal(*lead, n_states, n_states), rng.normal(size=(n_trials, n_bins, n_states))


def enumerate_chain(log_start, log_matrix, log_density):
    """Returns all sequences `(S, T)` and the log of each one's joint density `(S, B)`."""
    n_trials, n_bins, n_states = log_density.shape
    matrix = np.broadcast_to(log_matrix, (n_trials, n_bins - 1, n_states, n_states))
    paths = np.array(list(itertools.product(range(n_states), repeat=n_bins)))
    logs = []
    for path in paths:
        total = log_start[:, path[0]] + log_density[:, 0, path[0]]
        for t in range(1, n_bins):
            total = total + matrix[:, t - 1, path[t - 1], path[t]] + log_density[:, t, path[t]]
        logs.append(total)
    return paths, np.stack(logs)
