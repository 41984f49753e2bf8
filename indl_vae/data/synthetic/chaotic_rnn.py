"""The chaotic recurrent network of the LFADS papers, and what it is observed through.

Source: Sussillo, Jozefowicz, Abbott, Pandarinath (2016), arXiv:1608.06315, section 4.1 and its published scripts. The
order of the random draws is part of the data set: the same seed gives the same network, initial states and spikes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indl_vae.errors import ConfigError

DT = 0.01
TAU = 0.025
N_BINS = 100
MAX_RATE_HZ = 30.0
TRAIN_SHARE = 0.8


class ChaoticRNN(NamedTuple):
    """A network: recurrent weights `(N, N)`, input weights `(N,)`, and the gain g of the recurrent weights."""

    weights: np.ndarray
    input_weights: np.ndarray
    gain: float


def draw_rnn(rng: np.random.RandomState, n_units: int, gain: float) -> ChaoticRNN:
    """Draws a network; a second vector of input weights is drawn and left, as in the original order of draws."""
    weights = rng.randn(n_units, n_units) / np.sqrt(n_units)
    input_weights = rng.randn(n_units)
    rng.randn(n_units)
    return ChaoticRNN(weights, input_weights, gain)


def draw_initial_states(
    rng: np.random.RandomState, n_units: int, n_conditions: int, n_replications: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns initial states `(E, N)`, each repeated n_replications times in a row, and condition numbers `(E,)`."""
    states = np.stack([rng.randn(n_units) for _ in range(n_conditions)])
    condition = np.repeat(np.arange(n_conditions), n_replications)
    return states[condition], condition


def run_rnn(
    rnn: ChaoticRNN, states: np.ndarray, input_bins: np.ndarray | None = None, input_magnitude: float = 0.0
) -> np.ndarray:
    """Runs the network for one trial per initial state.

    x_t = (1 - dt/tau) x_{t-1} + dt/tau (g W tanh(x_{t-1}) + B u_t), r_t = tanh(x_t); the first bin is after one step.

    Args:
        rnn: The network.
        states: Initial x, `(E, N)`.
        input_bins: Bin of each trial's input pulse, `(E,)`, or None.
        input_magnitude: Height of the pulse.

    Returns:
        Rates r in [-1, 1], `(E, N, T)` float64.
    """
    step = DT / TAU
    rates = np.empty((*states.shape, N_BINS))
    x, r = states, np.tanh(states)
    for t in range(N_BINS):
        x = (1.0 - step) * x + step * rnn.gain * (r @ rnn.weights.T)
        if input_bins is not None:
            x[input_bins == t] += step * input_magnitude * rnn.input_weights
        r = np.tanh(x)
        rates[:, :, t] = r
    return rates


def normalise(rates: np.ndarray) -> np.ndarray:
    """Returns rates `(E, N, T)` stretched to [0, 1], each trial and channel by itself."""
    low = rates.min(axis=2, keepdims=True)
    span = rates.max(axis=2, keepdims=True) - low
    return (rates - low) / np.maximum(span, 1e-10)


def draw_spikes(rng: np.random.RandomState, truth: np.ndarray) -> np.ndarray:
    """Returns Poisson counts of the normalised rates `(E, N, T)`, trial by trial and channel by channel."""
    return rng.poisson(truth * MAX_RATE_HZ * DT)


def draw_gaussian(rng: np.random.RandomState, truth: np.ndarray) -> np.ndarray:
    """Returns `30 truth` with normal noise of standard deviation 15, `(E, N, T)`.

    The original takes the noise from numpy's global generator, unseeded; here it comes from the set's own.
    """
    return truth * MAX_RATE_HZ + rng.randn(*truth.shape) * (5.0 * MAX_RATE_HZ) * np.sqrt(DT)


def is_validation(n_trials: int, n_replications: int) -> np.ndarray:
    """Returns `(E,)` booleans: True for the last fifth of each condition's replications.

    Raises:
        ConfigError: Fewer than two replications leave no trial to train on.
    """
    if n_replications < 2:
        raise ConfigError(
            f"n_replications: {n_replications!r}, expected at least 2 (the last fifth is for validation)."
        )
    return (np.arange(n_trials) % n_replications) + 1 > TRAIN_SHARE * n_replications


def session_arrays(
    data: np.ndarray,
    truth: np.ndarray,
    latent: np.ndarray,
    condition: np.ndarray,
    n_replications: int,
    conversion_factor: float,
) -> dict[str, np.ndarray]:
    """Returns the arrays of a session under the file's keys.

    Args:
        data: `(E, N, T)`.
        truth: Normalised rates `(E, N, T)`.
        latent: State of the network behind them, `(E, L, T)`.
        condition: `(E,)`.
        n_replications: Trials of each condition.
        conversion_factor: Truth / conversion_factor = expected value of the data.

    Returns:
        Arrays `(trials, bins, channels)` for train and valid, with conditions (also under the name that the published
        scripts gave them) and trial numbers.
    """
    data = np.swapaxes(data, 1, 2)
    fields = {
        "data": data.astype(np.int32 if data.dtype.kind == "i" else np.float32),
        "truth": np.swapaxes(truth, 1, 2).astype(np.float32),
        "latent": np.swapaxes(latent, 1, 2).astype(np.float32),
        "condition": condition,
        "condition_labels_{}": condition,
        "inds": np.arange(len(condition)),
    }
    arrays = split_fields(fields, n_replications)
    arrays.update(
        conversion_factor=np.float64(conversion_factor),
        train_percentage=np.float64(TRAIN_SHARE),
        nreplications=np.int64(n_replications),
        dt=np.float64(DT),
    )
    return arrays


def split_fields(fields: dict[str, np.ndarray], n_replications: int) -> dict[str, np.ndarray]:
    """Returns the training and the validation trials of each array of `fields`, trials first.

    The split's name takes the place of `{}` in a key; it goes in front of a key without: `train_truth`.
    """
    valid = is_validation(len(next(iter(fields.values()))), n_replications)
    parts = {"train": ~valid, "valid": valid}
    named = {key if "{}" in key else f"{{}}_{key}": value for key, value in fields.items()}
    return {key.format(split): value[chosen] for split, chosen in parts.items() for key, value in named.items()}
