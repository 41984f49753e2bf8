"""Three chaotic networks that reach one another through few units, two of them driven."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indl_vae.data.keys import SPLITS
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import ConfigError

#: Gains of the networks A, B and C; relaxation of a step of 0.01 s; strength of links; noise of a step.
_GAINS, _RATE, _LINK, _STEP_NOISE = (1.8, 1.5, 1.5), 0.1, 0.04, 0.02
#: Share of units that a network is linked by, and of those that a drive reaches.
_LINKED, _DRIVEN = 0.01, 0.5
#: Steps in a bin, and share of the steps before the drives begin to move.
_EVERY, _LEAD = 3, 1.0 / 6.0


class Networks(NamedTuple):
    """What stays the same over trials.

    Attributes:
        recurrent: `(3, N, N)`: weights within networks.
        links: `(3, 3, N)`: to, from: units through which networks reach one another, 0 or 1.
        drives: `(2, S, N)`: the sequence, which enters B, and the pattern, which enters C, at every step.
    """

    recurrent: np.ndarray
    links: np.ndarray
    drives: np.ndarray


@SYNTHETIC.register("rnn_regions")
def rnn_regions(
    seed: int = 0,
    n_train: int = 30,
    n_valid: int = 5,
    n_test: int = 5,
    n_bins: int = 400,
    n_units: int = 100,
    noise: float = 0.05,
    bin_width_s: float = 0.03,
) -> SyntheticSet:
    """Makes the set of three networks (Perich et al. 2020, as simulated by Karniol-Tambour et al. 2024).

    Network A runs by itself; a bump that moves over the units and stops drives B; a pattern that changes once drives C.
    Links between networks are about 50 times weaker than what happens within: a hard target.

    Args:
        seed: Seed of everything random.
        n_train: Training trials.
        n_valid: Validation trials.
        n_test: Test trials.
        n_bins: Bins T of a trial, of 3 steps each.
        n_units: Units N of each network.
        noise: Standard deviation of the noise of training and validation data; test data have none. Published: 0.
        bin_width_s: Width of a bin in seconds; a step has 0.01.

    Returns:
        Values `*_data` (B, T, 3 N) for a Gaussian likelihood, each network in units of its largest value, `*_truth`
        without noise (conversion factor 1), `*_ext_input` (B, T, 4): the pattern's first principal component and three
        of the sequence; `*_messages` (B, T, 3, 5, 1): norm over units of what reaches A, B, C from A, B, C, sequence
        and pattern in a step; and `region_sizes`.

    Raises:
        ConfigError: An option is out of its range.
    """
    if n_units < 10 or n_bins < 20:
        raise ConfigError(f"n_units, n_bins: {n_units} and {n_bins}, expected at least 10 and 20.")
    if noise < 0:
        raise ConfigError(f"noise: {noise!r}, expected a standard deviation from 0 up.")
    if bin_width_s <= 0:
        raise ConfigError(f"bin_width_s: {bin_width_s!r}, expected a number above 0.")
    networks = make_networks(np.random.default_rng([seed, 3]), n_units, n_bins * _EVERY)
    inputs = components(networks.drives)[::_EVERY]
    arrays = {"conversion_factor": np.array(1.0), "region_sizes": np.full(3, n_units)}
    for stream, (name, n_trials) in enumerate(zip(SPLITS, (n_train, n_valid, n_test), strict=True)):
        rng = np.random.default_rng([seed, stream])
        truth, messages = simulate(rng, networks, n_trials)
        noisy = truth + (0.0 if name == "test" else noise) * rng.normal(size=truth.shape)
        ext_input = np.broadcast_to(inputs, (n_trials, *inputs.shape))
        fields = {"data": noisy, "truth": truth, "ext_input": ext_input, "messages": messages}
        arrays |= {f"{name}_{key}": value.astype(np.float32) for key, value in fields.items()}
    return SyntheticSet("rnn_regions", {"": arrays}, bin_width_s, likelihood="gaussian")


def make_networks(rng: np.random.Generator, n_units: int, n_steps: int) -> Networks:
    """Returns weights, links and drives."""
    recurrent = rng.normal(size=(3, n_units, n_units)) * np.array(_GAINS)[:, None, None] / n_units**0.5
    links = np.zeros((3, 3, n_units))
    for to in range(3):
        for source in set(range(3)) - {to}:
            links[to, source, rng.choice(n_units, max(1, int(_LINKED * n_units)), replace=False)] = 1.0
    drives = make_drives(n_units, n_steps)
    for drive in drives:
        drive[:, rng.permutation(n_units)[int(_DRIVEN * n_units) :]] = 0.0
    return Networks(recurrent, links, drives)


def make_drives(n_units: int, n_steps: int) -> np.ndarray:
    """Returns the sequence and the pattern, `(2, S, N)`, before it is said which units they reach."""
    lead = int(n_steps * _LEAD)
    n = n_steps - lead
    units, steps = np.arange(n_units), np.arange(n)
    place = n_units * steps / (n / 2.0)
    bump = np.exp(-0.5 * ((units - place[:, None]) / (0.2 * n_units)) ** 2)
    logits = np.log((bump + 0.01) / (1.0 - bump + 0.01))
    wave = (logits - logits.min()) / (logits.max() - logits.min())
    half, tenth = -(-n // 2), n // 10
    sequence = np.where((steps < half - tenth)[:, None], wave, wave[half - tenth])
    pattern = np.where((steps < half + tenth)[:, None], wave[n // 100], wave[3 * n // 10])
    before = lambda drive: np.concatenate([np.repeat(drive[1:2], lead, 0), drive])  # noqa: E731
    return np.stack([before(sequence), -before(pattern)])


def components(drives: np.ndarray) -> np.ndarray:
    """Returns one principal component of the pattern and three of the sequence at every step, `(S, 4)`."""

    def leading(drive: np.ndarray, n: int) -> np.ndarray:
        left, values, _ = np.linalg.svd(drive - drive.mean(0), full_matrices=False)
        scores = left[:, :n] * values[:n]
        return scores / np.abs(scores).max()

    return np.concatenate([leading(drives[1], 1), leading(drives[0], 3)], 1)


def simulate(rng: np.random.Generator, networks: Networks, n_trials: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns activity `(B, T, 3 N)` in units of each network's largest value, and norms of messages `(B, T, 3, 5, 1)`.

    Args:
        rng: Of starts and noise.
        networks: What stays the same.
        n_trials: Number of trials.
    """
    n_steps, n_units = networks.drives.shape[1:]
    state = rng.uniform(-1.0, 1.0, (n_trials, 3, n_units))
    activity, messages = [], []
    for t in range(n_steps):
        sent = _messages(networks, state, t)
        if t % _EVERY == 0:
            activity.append(state)
            messages.append(np.linalg.norm(sent, axis=-1))
        shared = _STEP_NOISE * rng.normal(size=(n_trials, 3, 1))
        state = (1.0 - _RATE) * state + sent.sum(2) + shared
    found, norms = np.stack(activity, 1), np.stack(messages, 1)
    largest = np.abs(found).max((0, 1, 3))
    flat = (found / largest[:, None]).reshape(n_trials, len(activity), -1)
    return flat, (norms / largest[:, None])[..., None]


def _messages(networks: Networks, state: np.ndarray, t: int) -> np.ndarray:
    """Returns what reaches each network from each source in a step, `(B, 3, 5, N)`."""
    sent = np.zeros((len(state), 3, 5, state.shape[-1]))
    own = np.einsum("bsn,smn->bsm", state, networks.recurrent)
    for to in range(3):
        for source in range(3):
            reached = own[:, to] if to == source else _LINK * networks.links[to, source] * state[:, source]
            sent[:, to, source] = _RATE * np.tanh(reached)
    sent[:, 1, 3] = _RATE * np.tanh(networks.drives[0, t])
    sent[:, 2, 4] = _RATE * np.tanh(networks.drives[1, t])
    return sent
