"""LFADS written out in float64 NumPy, one step of time after the other: the oracle of the Keras model.

Slow, plain, and independent of the library: it imports nothing of it. Weights are a dict of arrays under the names of
the published AutoLFADS-TF2 checkpoints (`encoder/ic_enc_h0`, `decoder/rnn/cell/gen_gru_cell/kernel`, ...). Sizes are
read from the arrays; a dict without `decoder/rnn/cell/co_mean_linear/kernel` is a model without a controller.

Symbols: B trials, T bins, N channels, E encoder units, C controller units, G generator units, F factors,
Z width of the initial condition, U width of the inferred input, I width of the measured external input.

Sources: Pandarinath et al. 2018 (LFADS), Keshtkaran et al. 2022 (AutoLFADS).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import lgamma

import numpy as np

Arrays = Mapping[str, np.ndarray]

CELL = "decoder/rnn/cell"
#: Multipliers that `lfads_forward` takes in `masks` (0, or 1 / keep rate), and their shapes.
MASK_SHAPES = {
    "cd": "(B, T_enc, N_enc), coordinated dropout of the encoder input",
    "input": "(B, T_enc, N_enc), dropout of the encoder input",
    "ic_enc": "(B, 2E), dropout of the initial-condition encoder's last states",
    "con_input": "(B, T, 2E + F), dropout of the controller input",
    "ext_input": "(B, T, I), dropout of the external input",
    "gen_init": "(B, G), dropout on the way from the initial generator state to the factors before bin 0",
    "factors": "(B, T, G), dropout on the way from the generator state to the factors",
}


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Returns the logistic function without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def linear(weights: Arrays, name: str, x: np.ndarray) -> np.ndarray:
    """Returns `x W + b` with the kernel and bias of `name`."""
    return x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]


def gru_step(weights: Arrays, name: str, x: np.ndarray, h: np.ndarray, clip: float) -> np.ndarray:
    """Returns the next state of a clipped GRU; gate order z (keep old), r, candidate; reset before the product."""
    units = h.shape[-1]
    recurrent = weights[f"{name}/recurrent_kernel"]
    from_x = linear(weights, name, x)
    gates = sigmoid(from_x[:, : 2 * units] + h @ recurrent[:, : 2 * units])
    update, reset = gates[:, :units], gates[:, units:]
    candidate = np.tanh(from_x[:, 2 * units :] + (reset * h) @ recurrent[:, 2 * units :])
    return np.clip(update * h + (1.0 - update) * candidate, -clip, clip)


def run_encoder_direction(
    weights: Arrays, name: str, x: np.ndarray, h0: np.ndarray, step_mask: np.ndarray, clip: float, backward: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Runs one direction of an encoder; a masked bin leaves the state as it is and has the code zero.

    Returns:
        Codes `(B, T, E)` at their own bins, and the state after the last bin of the walk `(B, E)`.
    """
    n_trials, n_bins, _ = x.shape
    h = np.tile(h0[None, :], (n_trials, 1))
    codes = np.zeros((n_trials, n_bins, h0.size))
    for t in reversed(range(n_bins)) if backward else range(n_bins):
        seen = step_mask[:, t, None] > 0
        h = np.where(seen, gru_step(weights, name, x[:, t], h, clip), h)
        codes[:, t] = np.where(seen, h, 0.0)
    return codes, h


def encode(
    weights: Arrays, which: str, x: np.ndarray, step_mask: np.ndarray, clip: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Runs the bidirectional encoder `which` ("ic" or "ci").

    Returns:
        Forward codes, backward codes, each `(B, T, E)`, and `[forward last, backward first]` states `(B, 2E)`.
    """
    h0 = weights[f"encoder/{which}_enc_h0"][0]
    cell = f"encoder/{which}_enc_bigru/{{}}_layer/cell"
    forward, last = run_encoder_direction(weights, cell.format("forward"), x, h0[0], step_mask, clip, backward=False)
    backward, first = run_encoder_direction(weights, cell.format("backward"), x, h0[1], step_mask, clip, backward=True)
    return forward, backward, np.concatenate([last, first], axis=1)


def lag_codes(forward: np.ndarray, backward: np.ndarray, lag: int, n_bins: int) -> np.ndarray:
    """Returns the controller's codes `(B, n_bins, 2E)`: forward of t - lag, backward of t + lag, zero where none."""
    n_trials, n_encoded, units = forward.shape
    out = np.zeros((n_trials, n_bins, 2 * units))
    for t in range(n_encoded):
        if t - lag >= 0:
            out[:, t, :units] = forward[:, t - lag]
        if t + lag < n_encoded:
            out[:, t, units:] = backward[:, t + lag]
    return out


def factor_matrix(weights: Arrays) -> np.ndarray:
    """Returns the generator-to-factors matrix `(G, F)` with columns of unit length."""
    kernel = weights[f"{CELL}/fac_linear/kernel"]
    return kernel / np.sqrt(np.maximum(np.sum(kernel**2, axis=0, keepdims=True), 1e-12))


def decode(
    weights: Arrays,
    gen_init: np.ndarray,
    codes: np.ndarray,
    ext_input: np.ndarray,
    co_eps: np.ndarray | None,
    masks: Arrays,
    clip: float,
) -> dict[str, np.ndarray]:
    """Runs controller, generator and factors bin by bin; returns each of them as `(B, T, .)`."""
    has_controller = f"{CELL}/co_mean_linear/kernel" in weights
    matrix = factor_matrix(weights)
    gen, factor = gen_init, (gen_init * masks.get("gen_init", 1.0)) @ matrix
    con = np.tile(weights[f"{CELL}/con_gru_cell/h0"], (len(gen), 1)) if has_controller else np.zeros((len(gen), 0))
    mean = logvar = u = np.zeros((len(gen), 0))
    steps = []
    for t in range(codes.shape[1]):
        if has_controller:
            con_input = np.concatenate([codes[:, t], factor], axis=1)
            con_input = con_input * (masks["con_input"][:, t] if "con_input" in masks else 1.0)
            con = gru_step(weights, f"{CELL}/con_gru_cell", con_input, con, clip)
            mean = linear(weights, f"{CELL}/co_mean_linear", con)
            logvar = linear(weights, f"{CELL}/co_logvar_linear", con)
            u = mean if co_eps is None else mean + np.exp(0.5 * logvar) * co_eps[:, t]
        gen_input = np.concatenate([u, ext_input[:, t]], axis=1)
        gen = gru_step(weights, f"{CELL}/gen_gru_cell", gen_input, gen, clip)
        factor = (gen * (masks["factors"][:, t] if "factors" in masks else 1.0)) @ matrix
        steps.append((gen, con, mean, logvar, u, factor))
    names = ("gen_states", "con_states", "u_mean", "u_logvar", "u", "factors")
    return {name: np.stack(series, axis=1) for name, series in zip(names, zip(*steps, strict=True), strict=True)}


def gaussian_kl(mean: np.ndarray, logvar: np.ndarray, prior_mean: np.ndarray, prior_logvar: np.ndarray) -> np.ndarray:
    """Returns KL between diagonal Gaussians, summed over the last axis."""
    distance = (np.exp(logvar) + (mean - prior_mean) ** 2) / np.exp(prior_logvar)
    return 0.5 * np.sum(prior_logvar - logvar + distance - 1.0, axis=-1)


def ar1_variances(logtaus: np.ndarray, lognvars: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns alpha, noise variance and stationary variance of the AR(1) prior, each `(U,)`."""
    alpha = np.exp(-1.0 / np.exp(logtaus))
    noise = np.exp(lognvars)
    return alpha, noise, noise / (1.0 - alpha**2)


def ar1_kl_sampled(
    u: np.ndarray,
    mean: np.ndarray,
    logvar: np.ndarray,
    logtaus: np.ndarray,
    lognvars: np.ndarray,
    step_mask: np.ndarray,
) -> np.ndarray:
    """Returns log q(u) - log p(u) `(B,)` at the sample `u` `(B, T, U)`; masked bins do not count."""
    alpha, noise, stationary = ar1_variances(logtaus, lognvars)
    total = np.zeros(len(u))
    for t in range(u.shape[1]):
        centre, variance = (alpha * u[:, t - 1], noise) if t else (np.zeros_like(u[:, 0]), stationary)
        log_q = -0.5 * (logvar[:, t] + (u[:, t] - mean[:, t]) ** 2 / np.exp(logvar[:, t]))
        log_p = -0.5 * (np.log(variance) + (u[:, t] - centre) ** 2 / variance)
        total += step_mask[:, t] * np.sum(log_q - log_p, axis=1)
    return total


def ar1_kl_analytic(
    mean: np.ndarray, logvar: np.ndarray, logtaus: np.ndarray, lognvars: np.ndarray, step_mask: np.ndarray
) -> np.ndarray:
    """Returns the expectation of `ar1_kl_sampled` under q, which factorises over bins, in closed form `(B,)`."""
    alpha, noise, stationary = ar1_variances(logtaus, lognvars)
    total = np.zeros(len(mean))
    for t in range(mean.shape[1]):
        square = np.exp(logvar[:, t]) + mean[:, t] ** 2
        variance = stationary
        if t:
            variance = noise
            square = np.exp(logvar[:, t]) + alpha**2 * np.exp(logvar[:, t - 1])
            square = square + (mean[:, t] - alpha * mean[:, t - 1]) ** 2
        total += step_mask[:, t] * 0.5 * np.sum(np.log(variance) - logvar[:, t] + square / variance - 1.0, axis=1)
    return total


def log_factorial(counts: np.ndarray, stirling: bool) -> np.ndarray:
    """Returns log k!, or Stirling's k log k - k + log(2 pi k)/2 for k > 1 and 0 below, per level of x."""
    levels, where = np.unique(counts, return_inverse=True)
    if stirling:
        table = [k * np.log(k) - k + 0.5 * np.log(2.0 * np.pi * k) if k > 1 else 0.0 for k in levels]
    else:
        table = [lgamma(k + 1.0) for k in levels]
    return np.asarray(table)[where].reshape(counts.shape)


def poisson_nll(
    x: np.ndarray, log_rates: np.ndarray, mask: np.ndarray, stirling: bool = False
) -> tuple[float, np.ndarray]:
    """Returns the Poisson negative log-likelihood in nats.

    Args:
        x: Counts `(B, T, N)`.
        log_rates: Log of expected counts per bin `(B, T, N)`.
        mask: `(B, T)` or `(B, T, N)`, 1 = counted.
        stirling: Whether the normaliser is Stirling's, as in TensorFlow's `log_poisson_loss`.

    Returns:
        The mean over counted entries, and the sum of each trial `(B,)`.
    """
    mask = np.broadcast_to(mask if mask.ndim == 3 else mask[:, :, None], x.shape)
    entries = mask * (np.exp(log_rates) - x * log_rates + log_factorial(x, stirling))
    return float(np.sum(entries) / np.sum(mask)), np.sum(entries, axis=(1, 2))


def l2_penalty(weights: Arrays, scales: Mapping[str, float]) -> float:
    """Returns sum of scale * |U|^2 / 2 over recurrent kernels, divided by the entries of kernels with a scale > 0.

    Args:
        weights: Named arrays.
        scales: Scale of each of "gen", "con", "ic_enc", "ci_enc"; absent = 0. An encoder counts both directions.
    """
    cells = {"gen": [f"{CELL}/gen_gru_cell"], "con": [f"{CELL}/con_gru_cell"]}
    for which in ("ic", "ci"):
        cells[f"{which}_enc"] = [f"encoder/{which}_enc_bigru/{way}_layer/cell" for way in ("forward", "backward")]
    penalty, size = 0.0, 0
    for net, scale in scales.items():
        kernels = [weights[f"{cell}/recurrent_kernel"] for cell in cells[net] if f"{cell}/recurrent_kernel" in weights]
        penalty += sum(0.5 * scale * float(np.sum(kernel**2)) for kernel in kernels)
        size += sum(kernel.size for kernel in kernels) if scale > 0 else 0
    return penalty / (size + 1e-7)


def encode_all(
    weights: Arrays, x: np.ndarray, step_mask: np.ndarray, masks: Arrays, ci_lag: int, clip: float, heldout_bins: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns mean and unfloored log-variance of the initial condition `(B, Z)` and controller codes `(B, T, 2E)`."""
    n_encoded = x.shape[1] - heldout_bins
    n_inputs = weights["encoder/ic_enc_bigru/forward_layer/cell/kernel"].shape[0]
    seen = x[:, :n_encoded, :n_inputs] * masks.get("cd", 1.0) * masks.get("input", 1.0)
    _, _, states = encode(weights, "ic", seen, step_mask[:, :n_encoded], clip)
    states = states * masks.get("ic_enc", 1.0)
    mean = linear(weights, "encoder/ic_mean_linear", states)
    logvar = linear(weights, "encoder/ic_logvar_linear", states)
    if "encoder/ci_enc_h0" not in weights:
        return mean, logvar, np.zeros((len(x), x.shape[1], 0))
    forward, backward, _ = encode(weights, "ci", seen, step_mask[:, :n_encoded], clip)
    return mean, logvar, lag_codes(forward, backward, ci_lag, x.shape[1])


def prepare_ext_input(ext_input: np.ndarray | None, n_trials: int, n_bins: int, masks: Arrays) -> np.ndarray:
    """Returns the external input `(B, T, I)`: of width 0 when there is none, zeros in bins it does not reach."""
    out = np.zeros((n_trials, n_bins, 0 if ext_input is None else ext_input.shape[2]))
    if ext_input is not None:
        out[:, : ext_input.shape[1]] = ext_input
    return out * masks.get("ext_input", 1.0)


def lfads_losses(
    weights: Arrays, x: np.ndarray, out: Arrays, step_mask: np.ndarray, l2_scales: Mapping[str, float]
) -> dict[str, np.ndarray | float]:
    """Returns the terms of the loss, none of them weighted or ramped, for the outputs of a forward pass."""
    none = np.zeros(0)
    prior = weights.get("logtaus", none), weights.get("lognvars", none)
    if out["u"].shape[2] == 0:
        prior = none, none
    exact, exact_trials = poisson_nll(x, out["log_rates"], step_mask)
    stirling, stirling_trials = poisson_nll(x, out["log_rates"], step_mask, stirling=True)
    return {
        "kl_ic": gaussian_kl(out["ic_mean"], out["ic_logvar"], weights["ic_prior_mean"], weights["ic_prior_logvar"]),
        "kl_co": ar1_kl_sampled(out["u"], out["u_mean"], out["u_logvar"], *prior, step_mask),
        "kl_co_analytic": ar1_kl_analytic(out["u_mean"], out["u_logvar"], *prior, step_mask),
        "l2": l2_penalty(weights, l2_scales),
        "nll": exact,
        "nll_stirling": stirling,
        "nll_trials": exact_trials,
        "nll_stirling_trials": stirling_trials,
    }


def lfads_forward(
    weights: Arrays,
    x: np.ndarray,
    *,
    ext_input: np.ndarray | None = None,
    step_mask: np.ndarray | None = None,
    ic_eps: np.ndarray | None = None,
    co_eps: np.ndarray | None = None,
    masks: Arrays | None = None,
    ci_lag: int = 1,
    clip: float = 5.0,
    ic_post_var_min: float = 1e-4,
    heldout_bins: int = 0,
    l2_scales: Mapping[str, float] | None = None,
) -> dict[str, np.ndarray | float]:
    """Returns outputs and loss terms of LFADS for given noise.

    Args:
        weights: Named arrays; cast to float64.
        x: Counts `(B, T, N)`. Encoders see the first channels, as many as their kernels have rows.
        ext_input: Measured input to the generator `(B, T, I)`; shorter ones are continued by zeros.
        step_mask: `(B, T)`, 1 = a bin of the trial, 0 = padding after its end; None = all 1. The decoder runs through
            the padding; its outputs there mean nothing and count nowhere.
        ic_eps: Standard normal noise of the initial condition `(B, Z)`; None = posterior mean.
        co_eps: Standard normal noise of the inferred input `(B, T, U)`; None = posterior mean.
        masks: Dropout multipliers, see `MASK_SHAPES`; an absent name drops nothing.
        ci_lag: Lag of the encoder codes in bins.
        clip: Bound of every GRU state.
        ic_post_var_min: Added to the variance of the initial condition.
        heldout_bins: Trailing bins that the encoders do not see; the controller gets zero codes there.
        l2_scales: See `l2_penalty`; None = no penalty.

    Returns:
        log_rates, rates, factors, gen_states, con_states, u_mean, u_logvar, u as `(B, T, .)`; gen_init, ic, ic_mean,
        ic_logvar (with the floor) as `(B, .)`; kl_ic, kl_co (at the sample u), kl_co_analytic, nll_trials,
        nll_stirling_trials as `(B,)`; nll, nll_stirling (means per counted entry) and l2 as floats.
    """
    weights = {name: np.asarray(value, dtype=np.float64) for name, value in weights.items()}
    masks = masks or {}
    unknown = set(masks) - set(MASK_SHAPES)
    if unknown:
        raise ValueError(f"masks: unknown names {sorted(unknown)}; known are {sorted(MASK_SHAPES)}")
    x = np.asarray(x, dtype=np.float64)
    n_trials, n_bins, _ = x.shape
    step_mask = np.ones((n_trials, n_bins)) if step_mask is None else np.asarray(step_mask, dtype=np.float64)

    ic_mean, ic_logvar, codes = encode_all(weights, x, step_mask, masks, ci_lag, clip, heldout_bins)
    ic_logvar = np.log(np.exp(ic_logvar) + ic_post_var_min)
    ic = ic_mean if ic_eps is None else ic_mean + np.exp(0.5 * ic_logvar) * ic_eps
    gen_init = linear(weights, "decoder/ic_to_g0", ic)
    ext_input = prepare_ext_input(ext_input, n_trials, n_bins, masks)
    out = decode(weights, gen_init, codes, ext_input, co_eps, masks, clip)
    out |= {"ic": ic, "ic_mean": ic_mean, "ic_logvar": ic_logvar, "gen_init": gen_init}
    out["log_rates"] = linear(weights, "decoder/rate_linear", out["factors"])
    out["rates"] = np.exp(out["log_rates"])
    return out | lfads_losses(weights, x, out, step_mask, l2_scales or {})
