"""The factorized hierarchical VAE (Hsu, Zhang & Glass 2017) in float64 NumPy: the oracle of the Keras model.

One sequence after the other, one segment after the other; imports nothing of the library. Weights are a dict of arrays
by the layers' names; with `f_rnn_0/kernel` the networks are LSTMs, with `f_dense_0/kernel` dense layers on whole
segments. f is the latent around the sequence's mean (z2 of the paper), z that of the segment alone (z1).

Symbols: T bins, N channels, L bins of a segment, S segments, D width of f, Z width of z, K rows of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, pi

import numpy as np

from tests.reference.networks_numpy import (
    Arrays,
    deviation,
    kl_normal,
    linear,
    log_likelihood,
    log_normal,
    lstm_step,
    relu,
    run,
)

#: Variance of f around its sequence's mean; that of the means is 1.
VARIANCE = 0.25


def fhvae_forward(
    weights: Arrays,
    x: np.ndarray,
    length: int,
    mask: np.ndarray | None = None,
    sequence: Sequence[float] | None = None,
    sizes: Sequence[float] | None = None,
    f_noise: np.ndarray | None = None,
    z_noise: np.ndarray | None = None,
    kind: str = "poisson",
    at_zero: float = 0.5,
) -> dict[str, np.ndarray]:
    """Runs the model on sequences of T bins, cut into segments that lie end to end, the last one padded.

    Args:
        weights: By layer, and the table `(K, D)` as "table".
        x: `(B, T, N)`.
        length: Bins of a segment.
        mask: `(B, T, N)`, 1 where observed; a sequence lasts up to its last bin with anything observed.
        sequence: Row of each sequence; others than 0 .. K - 1 have none, as all without.
        sizes: Segments of each row's sequence in training.
        f_noise: `(B, S, D)`: f is `loc + scale * noise`; its mean without.
        z_noise: `(B, S, Z)`, likewise.
        kind: "poisson" or "gaussian".
        at_zero: Deviation of q(f) and q(z) where what makes them is 0.

    Returns:
        Of each sequence: f_loc, f_scale, z_loc, z_scale, raw, mean, kl_f, kl_z, log_ratio_f, log_ratio_z, mean_nlp,
        discriminative, nll.
    """
    trials = []
    for i in range(len(x)):
        seen = np.ones_like(x[i]) if mask is None else mask[i]
        noise = [None if part is None else part[i] for part in (f_noise, z_noise)]
        found = _segments(weights, np.where(seen > 0, x[i], 0.0), seen, length, noise, at_zero)
        row = row_of(None if sequence is None else sequence[i], len(weights["table"]))
        found |= terms_of_means(found["f_loc"], found["counted"], row, weights["table"], sizes)
        found |= _divergences(found)
        found["nll"] = -np.sum(np.where(seen > 0, log_likelihood(kind, np.where(seen > 0, x[i], 0.0), found["raw"]), 0))
        trials.append(found)
    return {name: np.array([trial[name] for trial in trials]) for name in trials[0]}


def row_of(number: float | None, rows: int) -> int | None:
    """Returns the row of a sequence, or None where it has none."""
    return int(number) if number is not None and 0 <= number < rows else None


def terms_of_means(
    loc: np.ndarray, counted: np.ndarray, row: int | None, table: np.ndarray, sizes: Sequence[float] | None
) -> dict[str, np.ndarray | float]:
    """Returns the mean `(D,)`, mean_nlp and discriminative of one sequence with f's posterior means `(S, D)`.

    The mean is a row of the table, or the most probable one given the segments, sum / (n + .25). Its prior is counted
    once for a whole sequence: here for as many segments as there are. Every segment has to tell the row from the
    others by the density that f's posterior mean has under each.
    """
    n = counted.sum()
    total = sum((loc[s] for s in range(len(loc)) if counted[s]), np.zeros(loc.shape[1]))
    mean = total / (n + VARIANCE) if row is None else table[row]
    whole = n if row is None else sizes[row]
    log_p = sum(-0.5 * m**2 - 0.5 * log(2.0 * pi) for m in mean)
    told = 0.0
    for s in range(len(loc)):
        if row is not None and counted[s]:
            logits = np.array([-np.sum((loc[s] - mu) ** 2) / (2.0 * VARIANCE) for mu in table])
            told -= np.log(np.exp(logits - logits.max())[row] / np.sum(np.exp(logits - logits.max())))
    return {"mean": mean, "mean_nlp": -log_p * n / max(whole, 1.0), "discriminative": told}


def decode_segment(weights: Arrays, f: np.ndarray, z: np.ndarray, length: int) -> np.ndarray:
    """Returns raw `(L, N * parameters)` of one segment's latents `(D,)` and `(Z,)`."""
    both = np.concatenate([z, f])
    if "f_rnn_0/kernel" in weights:
        factors = np.array([both] * length)
        for name in ("decoder_0", "decoder_1"):
            factors, _ = run(lstm_step, weights, name, factors)
    else:
        hidden = _dense_stack(weights, ["decoder_0", "decoder_1"], both)
        factors = linear(weights, "flat_factors", hidden).reshape(length, -1)
    return np.array([linear(weights, "readout", factor) for factor in factors])


def _segments(weights, x, seen, length, noise, at_zero):
    n_segments = -(-len(x) // length)
    padded = np.zeros((n_segments * length, x.shape[1]))
    padded[: len(x)] = x
    steps = np.zeros(len(padded))
    steps[: len(x)] = [seen[t:].max() > 0 for t in range(len(x))]
    padded = np.where(steps[:, None] > 0, padded, 0.0)
    names = ("f_loc", "f_scale", "f", "z_loc", "z_scale", "z", "raw", "counted")
    found = {name: [] for name in names}
    for s in range(n_segments):
        bins = slice(s * length, (s + 1) * length)
        one = _segment(
            weights, padded[bins], steps[bins], [None if part is None else part[s] for part in noise], at_zero
        )
        for name, value in zip(names, (*one, steps[bins].max()), strict=True):
            found[name].append(value)
    arrays = {name: np.array(value) for name, value in found.items()}
    return {**arrays, "raw": np.concatenate(arrays["raw"])[: len(x)]}


def _segment(weights, x, steps, noise, at_zero):
    """Returns f_loc, f_scale, f, z_loc, z_scale, z and raw `(L, N * parameters)` of a segment `(L, N)`."""
    recurrent = "f_rnn_0/kernel" in weights
    if recurrent:
        f_codes = _last_states(weights, ["f_rnn_0", "f_rnn_1"], x, steps)
    else:
        f_codes = _dense_stack(weights, ["f_dense_0", "f_dense_1"], x.reshape(-1))
    f_loc, f_scale, f = _posterior(weights, "f", f_codes, noise[0], at_zero)
    if recurrent:
        z_codes = _last_states(
            weights, ["z_rnn_1", "z_rnn_2"], np.array([np.concatenate([x_t, f]) for x_t in x]), steps
        )
    else:
        z_codes = _dense_stack(weights, ["z_dense_0", "z_dense_1"], np.concatenate([x.reshape(-1), f]))
    z_loc, z_scale, z = _posterior(weights, "z", z_codes, noise[1], at_zero)
    return f_loc, f_scale, f, z_loc, z_scale, z, decode_segment(weights, f, z, len(x))


def _divergences(found):
    totals = dict.fromkeys(("kl_f", "kl_z", "log_ratio_f", "log_ratio_z"), 0.0)
    for s in np.flatnonzero(found["counted"]):
        for which, prior in (("f", (found["mean"], VARIANCE**0.5)), ("z", (0.0, 1.0))):
            loc, scale, value = found[f"{which}_loc"][s], found[f"{which}_scale"][s], found[which][s]
            totals[f"kl_{which}"] += kl_normal(loc, scale, *prior)
            totals[f"log_ratio_{which}"] += np.sum(log_normal(value, loc, scale))
            if which == "z":
                totals["log_ratio_z"] -= np.sum(log_normal(value, *prior))
    totals["log_ratio_f"] -= _log_shared(found["f"][np.asarray(found["counted"], bool)])
    return totals


def _log_shared(f):
    """log p of the f of a sequence (S, D), its mean ~ N(0, I) integrated out: dense covariance in each dimension."""
    covariance = VARIANCE * np.eye(len(f)) + np.ones((len(f), len(f)))
    log_det, inverse = np.linalg.slogdet(covariance)[1], np.linalg.inv(covariance)
    return -0.5 * sum(column @ inverse @ column + log_det + len(f) * np.log(2 * np.pi) for column in np.transpose(f))


def _last_states(weights, names, x, steps):
    """States of stacked layers after the last bin of the segment, side by side."""
    last = []
    for name in names:
        x, state = run(lstm_step, weights, name, x, steps)
        last.append(state)
    return np.concatenate(last)


def _dense_stack(weights, names, hidden):
    for name in names:
        hidden = relu(linear(weights, name, hidden))
    return hidden


def _posterior(weights, which, codes, noise, at_zero):
    loc = linear(weights, f"{which}_loc", codes)
    scale = deviation(linear(weights, f"{which}_scale", codes), at_zero)
    return loc, scale, loc if noise is None else loc + scale * noise
