"""Matrices that bring the channels of several sessions into one space, from their condition averages.

Source: the multi-session LFADS of Pandarinath et al. (2018), Nature Methods 15, 805: principal components of the
condition-averaged, smoothed activity of all sessions' channels together, then least squares from each session's own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from indl_vae.errors import ConfigError

_FILTER_BINS = 6


def add_alignment(
    sessions: Mapping[str, Mapping[str, np.ndarray]], n_components: int
) -> dict[str, dict[str, np.ndarray]]:
    """Returns the sessions with `alignment_matrix_cxf` (N, n_components) and `alignment_bias_c` (N,) added.

    Args:
        sessions: Arrays by file key for each session: `train_data` `(B, T, N)` and `train_condition` `(B,)`.
        n_components: Dimensions of the common space.

    Raises:
        ConfigError: There are fewer channels in all than components.
    """
    averages = {name: _condition_averages(arrays) for name, arrays in sessions.items()}
    joint = np.concatenate(list(averages.values()), axis=1)
    if not 1 <= n_components <= joint.shape[1]:
        raise ConfigError(
            f"n_components: {n_components}, expected 1 to {joint.shape[1]}, the channels of all sessions."
        )
    components = _principal_components(joint - joint.mean(axis=0), n_components)
    aligned = {}
    for name, average in averages.items():
        bias = average.mean(axis=0)
        matrix = np.linalg.lstsq(average - bias, components, rcond=None)[0]
        aligned[name] = dict(sessions[name]) | {
            "alignment_matrix_cxf": matrix.astype(np.float32),
            "alignment_bias_c": bias.astype(np.float32),
        }
    return aligned


def _condition_averages(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns smoothed averages `(conditions * T, N)`, each condition smoothed by itself, forth and back."""
    from scipy.signal import filtfilt

    data, condition = arrays["train_data"], arrays["train_condition"]
    averages = np.stack([data[condition == c].mean(axis=0, dtype=np.float64) for c in np.unique(condition)])
    smooth = filtfilt(np.full(_FILTER_BINS, 1.0 / _FILTER_BINS), 1.0, averages, axis=1)
    return smooth.reshape(-1, smooth.shape[-1])


def _principal_components(centred: np.ndarray, n_components: int) -> np.ndarray:
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return centred @ vectors[:, ::-1][:, :n_components]
