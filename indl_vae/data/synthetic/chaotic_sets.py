"""The data sets made of one chaotic network each, with the settings of the published script."""

from __future__ import annotations

import numpy as np

from indl_vae.data.synthetic.alignment import add_alignment
from indl_vae.data.synthetic.chaotic_rnn import (
    DT,
    MAX_RATE_HZ,
    N_BINS,
    draw_gaussian,
    draw_initial_states,
    draw_rnn,
    draw_spikes,
    normalise,
    run_rnn,
    session_arrays,
    split_fields,
)
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import ConfigError

INPUT_MAGNITUDE = 20.0


@SYNTHETIC.register("chaotic_rnn_no_inputs")
def chaotic_rnn_no_inputs(
    seed: int = 5, n_conditions: int = 400, n_replications: int = 10, n_units: int = 50
) -> SyntheticSet:
    """Makes spikes of a chaotic network (gain 1.5) that runs freely from each initial state."""
    sessions = _sessions(seed, n_conditions, n_replications, n_units, gain=1.5)
    return SyntheticSet("chaotic_rnn_no_inputs", sessions, DT)


@SYNTHETIC.register("gaussian_chaotic_rnn_no_inputs", "chaotic_rnn_no_inputs_gaussian")
def gaussian_chaotic_rnn_no_inputs(
    seed: int = 5, n_conditions: int = 400, n_replications: int = 10, n_units: int = 50
) -> SyntheticSet:
    """Makes the free chaotic network observed through normal noise instead of spikes."""
    sessions = _sessions(seed, n_conditions, n_replications, n_units, gain=1.5, gaussian=True)
    return SyntheticSet("gaussian_chaotic_rnn_no_inputs", sessions, DT, likelihood="gaussian")


@SYNTHETIC.register("chaotic_rnn_inputs_g1p5")
def chaotic_rnn_inputs_g1p5(
    seed: int = 5, n_conditions: int = 400, n_replications: int = 10, n_units: int = 50
) -> SyntheticSet:
    """Makes spikes of a chaotic network (gain 1.5) that gets one input pulse at a random bin of each trial."""
    sessions = _sessions(seed, n_conditions, n_replications, n_units, gain=1.5, input_magnitude=INPUT_MAGNITUDE)
    return SyntheticSet("chaotic_rnn_inputs_g1p5", sessions, DT)


@SYNTHETIC.register("chaotic_rnn_inputs_g2p5")
def chaotic_rnn_inputs_g2p5(
    seed: int = 5, n_conditions: int = 400, n_replications: int = 10, n_units: int = 50
) -> SyntheticSet:
    """Makes spikes of a strongly chaotic network (gain 2.5) that gets one input pulse in each trial."""
    sessions = _sessions(seed, n_conditions, n_replications, n_units, gain=2.5, input_magnitude=INPUT_MAGNITUDE)
    return SyntheticSet("chaotic_rnn_inputs_g2p5", sessions, DT)


@SYNTHETIC.register("chaotic_rnn_multisession")
def chaotic_rnn_multisession(
    seed: int = 5,
    n_conditions: int = 150,
    n_replications: int = 40,
    n_units: int = 100,
    n_observed: int = 20,
    n_components: int = 10,
) -> SyntheticSet:
    """Makes sessions that each see their own channels of one network, with the matrices that align them.

    The latent state of every session is the network's first n_components principal components.
    """
    sessions = _sessions(
        seed, n_conditions, n_replications, n_units, gain=1.5, n_observed=n_observed, n_latent=n_components
    )
    return SyntheticSet("chaotic_rnn_multisession", add_alignment(sessions, n_components), DT)


def _sessions(
    seed: int,
    n_conditions: int,
    n_replications: int,
    n_units: int,
    gain: float,
    input_magnitude: float = 0.0,
    gaussian: bool = False,
    n_observed: int | None = None,
    n_latent: int | None = None,
) -> dict[str, dict[str, np.ndarray]]:
    """Draws network, initial states, pulse bins and then each session's observations, in this order."""
    width = n_units if n_observed is None else n_observed
    if width < 1 or n_units % width:
        raise ConfigError(f"n_observed: {width}, expected a divisor of n_units {n_units}.")
    rng = np.random.RandomState(seed)
    rnn = draw_rnn(rng, n_units, gain)
    states, condition = draw_initial_states(rng, n_units, n_conditions, n_replications)
    bins = rng.choice(N_BINS // 2, size=len(states)) + N_BINS // 4 if input_magnitude > 0 else None
    rates = run_rnn(rnn, states, bins, input_magnitude)
    latent = rates if n_latent is None else _leading_components(rates, n_replications, n_latent)
    inputs = _input_arrays(bins, len(states), input_magnitude, n_replications)
    sessions = {}
    for k in range(n_units // width):
        truth = normalise(rates[:, k * width : (k + 1) * width])
        data = (draw_gaussian if gaussian else draw_spikes)(rng, truth)
        scale = MAX_RATE_HZ if gaussian else MAX_RATE_HZ * DT
        arrays = session_arrays(data, truth, latent, condition, n_replications, 1.0 / scale)
        observes = np.roll(np.eye(width, n_units), k * width, axis=1)
        arrays.update(inputs, P_sxn=observes, input_magnitude=np.float64(input_magnitude))
        sessions["" if n_observed is None else f"dataset_N{n_units}_S{width}_n{k + 1}"] = arrays
    return sessions


def _leading_components(rates: np.ndarray, n_replications: int, n_components: int) -> np.ndarray:
    """Returns principal components `(E, n_components, T)` of rates `(E, N, T)`, found from a trial a condition."""
    conditions = rates[::n_replications]
    mean = conditions.mean(axis=(0, 2))
    centred = conditions - mean[:, None]
    _, vectors = np.linalg.eigh(np.einsum("cnt,cmt->nm", centred, centred, optimize=True))
    leading = vectors[:, ::-1][:, :n_components].T
    return leading @ rates - (leading @ mean)[:, None]


def _input_arrays(
    bins: np.ndarray | None, n_trials: int, magnitude: float, n_replications: int
) -> dict[str, np.ndarray]:
    """Returns the network's input, all zeros where there is no pulse, and the bin of each trial's pulse."""
    pulses = np.zeros((n_trials, N_BINS, 1), np.float32)
    times = {f"input_times_{split}": np.zeros(0, np.int64) for split in ("train", "valid")}
    if bins is not None:
        pulses[np.arange(n_trials), bins, 0] = magnitude
        times = split_fields({"input_times_{}": bins}, n_replications)
    # Under this library's name, and under the one that the published scripts gave it.
    return times | split_fields({"input_truth": pulses, "input_{}_truth": pulses}, n_replications)
