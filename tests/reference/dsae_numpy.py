"""The disentangled sequential autoencoder (Li & Mandt 2018) in float64 NumPy: the oracle of the Keras model.

One trial after the other, one bin after the other; imports nothing of the library. Weights are a dict of arrays by the
layers' names (`features_0/kernel`, `f_rnn_0/forward/bias`, `z_prior/loc/kernel`, ...), of one features layer, one layer
of the f encoder and one decoder layer. Without `z_rnn_1/forward/kernel` the model is the factorized one.

Symbols: T bins, N channels, D width of f, Z width of z.
"""

from __future__ import annotations

import numpy as np

from tests.reference.networks_numpy import (
    Arrays,
    deviation,
    kl_normal,
    leaky_relu,
    linear,
    log_likelihood,
    log_normal,
    lstm_step,
    run,
    simple_rnn_step,
)


def dsae_forward(
    weights: Arrays,
    x: np.ndarray,
    mask: np.ndarray | None = None,
    f_noise: np.ndarray | None = None,
    z_noise: np.ndarray | None = None,
    kind: str = "poisson",
    f_to_second: bool = False,
    at_zero: tuple[float, float, float] = (0.1, 0.1, 0.1),
) -> dict[str, np.ndarray]:
    """Runs the model on trials.

    Args:
        weights: By layer.
        x: `(B, T, N)`.
        mask: `(B, T, N)`, 1 where observed; a trial lasts up to its last bin with anything observed.
        f_noise: `(B, D)`: f is `loc + scale * noise`; its mean without.
        z_noise: `(B, T, Z)`, likewise.
        kind: "poisson" or "gaussian".
        f_to_second: Whether f is shown to the second z layer rather than to the first (full model).
        at_zero: Deviations of q(f), q(z) and p(z) where what makes them is 0.

    Returns:
        Of each trial: f_loc, f_scale, f, z_loc, z_scale, z, prior_loc, prior_scale, raw, kl_f, kl_z, log_ratio_f,
        log_ratio_z, nll.
    """
    trials = []
    for i in range(len(x)):
        seen = np.ones_like(x[i]) if mask is None else mask[i]
        noise = (None if f_noise is None else f_noise[i], None if z_noise is None else z_noise[i])
        trials.append(_trial(weights, np.where(seen > 0, x[i], 0.0), seen, noise, kind, f_to_second, at_zero))
    return {name: np.array([trial[name] for trial in trials]) for name in trials[0]}


def _trial(weights, x, seen, noise, kind, f_to_second, at_zero):
    steps = np.array([seen[t:].max() for t in range(len(x))])
    features = np.array([leaky_relu(linear(weights, "features_0", x_t)) for x_t in x])
    f_loc, f_scale, f = _posterior(weights, "f", _read_by_f(weights, features, steps), noise[0], at_zero[0])
    codes = _codes(weights, features, f, steps, f_to_second)
    z_loc, z_scale, z = _posterior(weights, "z", codes, noise[1], at_zero[1])
    hidden = [leaky_relu(linear(weights, "decoder_0", np.concatenate([z_t, f]))) for z_t in z]
    raw = np.array([linear(weights, "readout", hidden_t) for hidden_t in hidden])
    prior_loc, prior_scale = prior_of(weights, z, at_zero[2])
    counted = [t for t in range(len(x)) if steps[t] > 0]
    kl_z, log_ratio_z = 0.0, 0.0
    for t in counted:
        kl_z += kl_normal(z_loc[t], z_scale[t], prior_loc[t], prior_scale[t])
        log_ratio_z += np.sum(log_normal(z[t], z_loc[t], z_scale[t]) - log_normal(z[t], prior_loc[t], prior_scale[t]))
    return {
        "f_loc": f_loc, "f_scale": f_scale, "f": f, "z_loc": z_loc, "z_scale": z_scale, "z": z, "raw": raw,
        "prior_loc": prior_loc, "prior_scale": prior_scale,
        "kl_f": kl_normal(f_loc, f_scale, 0.0, 1.0), "kl_z": kl_z,
        "log_ratio_f": np.sum(log_normal(f, f_loc, f_scale) - log_normal(f, 0.0, 1.0)), "log_ratio_z": log_ratio_z,
        "nll": -np.sum(np.where(seen > 0, log_likelihood(kind, x, raw), 0.0)),
    }  # fmt: skip


def prior_of(weights: Arrays, z: np.ndarray, at_zero: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns means and deviations `(T, Z)` of p(z_t | z_<t) along a path z `(T, Z)`; before it is a bin of zeros."""
    state = (np.zeros(weights["z_prior/recurrent_kernel"].shape[0]),) * 2
    before, locs, scales = np.zeros(z.shape[1]), [], []
    for t in range(len(z)):
        state = lstm_step(weights, "z_prior", before, state)
        locs.append(linear(weights, "z_prior/loc", state[0]))
        scales.append(deviation(linear(weights, "z_prior/scale", state[0]), at_zero))
        before = z[t]
    return np.array(locs), np.array(scales)


def _read_by_f(weights, features, steps):
    """Last state of either direction, added."""
    _, last = run(lstm_step, weights, "f_rnn_0/forward", features, steps)
    _, first = run(lstm_step, weights, "f_rnn_0/backward", features, steps, backward=True)
    return last + first


def _codes(weights, features, f, steps, f_to_second):
    if "z_rnn_1/forward/kernel" not in weights:
        return np.array([leaky_relu(linear(weights, "z_dense_1", e_t)) for e_t in features])
    shown = features if f_to_second else np.array([np.concatenate([e_t, f]) for e_t in features])
    forward, _ = run(lstm_step, weights, "z_rnn_1/forward", shown, steps)
    backward, _ = run(lstm_step, weights, "z_rnn_1/backward", shown, steps, backward=True)
    both = (forward + backward) * (steps > 0)[:, None]
    both = np.array([np.concatenate([c_t, f]) for c_t in both]) if f_to_second else both
    return run(simple_rnn_step, weights, "z_rnn_2", both)[0]


def _posterior(weights, which, codes, noise, at_zero):
    loc = linear(weights, f"{which}_loc", codes)
    scale = deviation(linear(weights, f"{which}_scale", codes), at_zero)
    return loc, scale, loc if noise is None else loc + scale * noise
