"""What moves a made worm's neurons: velocity, angle of the head, pumping, and signals that are hidden."""

from __future__ import annotations

import numpy as np

#: Mean frames of a run forward and of a reversal, their velocities, deviation and relaxation (s) within one.
_DWELL, _VELOCITY, _VELOCITY_SD, _VELOCITY_TAU = (27.0, 12.5), (0.055, -0.075), 0.03, 3.0
#: Period and relaxation of the head's swing in seconds, its deviation in radians.
_HEAD_PERIOD, _HEAD_TAU, _HEAD_SD = 10.0, 20.0, 0.494
#: Seconds of a bout of pumping and between two (100 in the mean), its rate, and the noise that makes the deviation
#: 1.28: 3^2 * 0.2 * 0.8 + 0.445^2 = 1.28^2. With bouts as long as pauses, the rate alone would exceed it.
_PUMP_DWELL, _PUMP_RATE, _PUMP_SD = (160.0, 40.0), 3.0, 0.445
#: Period and relaxation in seconds of hidden signals; further ones start again, slower by half.
_LATENTS = ((40.0, 60.0), (90.0, 90.0), (np.inf, 30.0))


def make_behavior(rng: np.random.Generator, n_frames: int, dt: float) -> np.ndarray:
    """Returns velocity, angle of the head and pumping in each frame, `(T, 3)`.

    Args:
        rng: Of everything random.
        n_frames: Number of frames T.
        dt: Seconds from frame to frame.
    """
    reverse = two_states(rng, n_frames, _DWELL)
    velocity = np.where(reverse, _VELOCITY[1], _VELOCITY[0])
    velocity = velocity + _VELOCITY_SD * oscillation(rng, n_frames, dt, np.inf, _VELOCITY_TAU)
    head = _HEAD_SD * oscillation(rng, n_frames, dt, _HEAD_PERIOD, _HEAD_TAU)
    pumps = two_states(rng, n_frames, tuple(seconds / dt for seconds in _PUMP_DWELL))
    pumping = _PUMP_RATE * pumps + _PUMP_SD * rng.normal(size=n_frames)
    return np.stack([velocity, head, pumping], 1)


def two_states(rng: np.random.Generator, n_frames: int, dwell: tuple[float, float]) -> np.ndarray:
    """Returns a Markov chain of two states, `(T,)` bool, which starts as it goes on.

    Args:
        rng: Of starts and changes.
        n_frames: Number of frames T.
        dwell: Mean number of frames in each state, 1 or more.
    """
    change = rng.random(n_frames)
    states = np.zeros(n_frames, bool)
    state = rng.random() < dwell[1] / (dwell[0] + dwell[1])
    for t in range(n_frames):
        states[t] = state
        if change[t] < 1.0 / max(1.0, dwell[int(state)]):
            state = not state
    return states


def oscillation(rng: np.random.Generator, n_frames: int, dt: float, period: float, tau: float) -> np.ndarray:
    """Returns a narrow-band signal of deviation 1, `(T,)`.

    Args:
        rng: Of starts and noise.
        n_frames: Number of frames T.
        dt: Seconds from frame to frame.
        period: Seconds of a cycle; infinite for a signal that relaxes without swinging.
        tau: Seconds in which it forgets its phase.
    """
    turn = np.exp(-dt / tau + 2j * np.pi * dt / period)
    noise = rng.normal(size=(n_frames, 2)) @ np.array([1.0, 1j])
    noise[1:] *= np.sqrt(1.0 - np.abs(turn) ** 2)
    state = 0.0
    found = np.zeros(n_frames, complex)
    for t in range(n_frames):
        state = turn * state + noise[t]
        found[t] = state
    return found.real


def make_latents(rng: np.random.Generator, n_frames: int, dt: float, n_latents: int) -> np.ndarray:
    """Returns signals that swing or drift, independent of one another, `(T, k)`."""
    found = np.zeros((n_frames, n_latents))
    for k in range(n_latents):
        period, tau = (1.5 ** (k // len(_LATENTS)) * seconds for seconds in _LATENTS[k % len(_LATENTS)])
        found[:, k] = oscillation(rng, n_frames, dt, period, tau)
    return found
