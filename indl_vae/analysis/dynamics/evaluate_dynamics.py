"""All figures of a trained model's dynamics on a split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.k_step_error import k_step_error
from indl_vae.analysis.dynamics.latent_divergence import latent_divergence
from indl_vae.analysis.dynamics.lyapunov_spectrum import lyapunov_spectrum
from indl_vae.analysis.dynamics.persistence_error import persistence_error
from indl_vae.analysis.dynamics.power_spectrum_correlation import power_spectrum_correlation
from indl_vae.analysis.dynamics.power_spectrum_distance import power_spectrum_distance
from indl_vae.analysis.dynamics.state_space_divergence import state_space_divergence
from indl_vae.analysis.dynamics.state_space_divergence_gmm import state_space_divergence_gmm
from indl_vae.data.split import Split
from indl_vae.errors import ConfigError

#: Names of the metrics; "pse" is the name that published code gives a correlation of spectra.
METRICS = ("mse", "klx", "klx_gmm", "klz", "pse", "lyapunov")
#: Steps ahead of the forecasts.
KS = (1, 5, 10, 20)
#: Free runs, bins of each, and bins of each that are left out before (the published ones).
RUNS, RUN_BINS, TRANSIENT = 100, 1000, 1000
#: Dimensions from which on the binned divergence is left to the mixture.
_MOST_BINNED = 4
#: Bins of an orbit along which exponents are taken, of how many orbits.
_LYAPUNOV_BINS, _LYAPUNOV_RUNS = 5000, 20
#: Bins of the observed series whose spectrum is compared.
_SPECTRUM_BINS = 20_000


def evaluate_dynamics(
    model: Any,
    split: Split,
    metrics: Sequence[str] = METRICS,
    seed: int = 0,
    ext_input: Any = None,
    starts: str = "data",
) -> dict[str, float]:
    """Returns the figures of a model that can run by itself (`model.free_run`), on data that it was not trained on.

    Args:
        model: The model.
        split: Trials, in one unit of time with the training data; their channels are standardised by the split's own
            deviations for the binned divergence, as its formula asks for.
        metrics: Some of `METRICS`.
        seed: Of random starts and of Monte Carlo estimates.
        ext_input: `(U,)` that is held throughout free runs of a model with measured external input; zeros by default.
        starts: Where free runs begin: "data", the states of trials' first bins (the published protocol of forced
            networks), or "random" (that of the variational fit), which may lie in the basin of another attractor.

    Returns:
        By name: mse_<k> of forecasts k steps ahead and persistence_<k> beside it; klx (bins within two deviations) and
        klx_full (all); klx_gmm; klz; pse (correlation of spectra, 1 is best) and d_h (Hellinger distance, 0 is best);
        lyapunov, the largest exponent per bin; finite, the share of free runs without overflow. NaN where a free run
        left the range, or where a figure has no meaning.

    Raises:
        ConfigError: An unknown metric or start, or a model that cannot run by itself.
    """
    if starts not in ("data", "random"):
        raise ConfigError(f"starts: expected data or random, got {starts!r}.")
    unknown = [name for name in metrics if name not in METRICS]
    if unknown:
        raise ConfigError(f"metrics: expected some of {', '.join(METRICS)}, got {unknown[0]!r}.")
    if not hasattr(model, "latent_map"):
        raise ConfigError(
            f"model: expected one that can run by itself and whose latent step is a map, as dendplrnn, got "
            f"{model.name!r}. Models of several regions have indl_vae.analysis.regions."
        )
    held = _held(model, ext_input)
    found: dict[str, float] = {}
    if "mse" in metrics:
        found |= _forecasts(model, split)
    begin = _starts(model, split, seed) if starts == "data" else None
    if set(metrics) & {"klx", "klx_gmm", "klz", "pse"}:
        found |= _attractor(model, split, metrics, seed, held, begin)
    if "lyapunov" in metrics:
        found["lyapunov"] = _largest_exponent(model, seed, held, begin)
    return found


def _starts(model: Any, split: Split, seed: int) -> np.ndarray:
    """Returns states `(RUNS, M)` to begin from: of first bins, and where there are fewer trials, of later ones too."""
    states = model.states(split)
    first = states[:, 0]
    if len(first) >= RUNS:
        return first[:RUNS]
    lengths = np.full(len(states), states.shape[1]) if split.lengths is None else split.lengths
    rng = np.random.default_rng(seed)
    trials = rng.integers(len(states), size=RUNS - len(first))
    return np.concatenate([first, states[trials, rng.integers(lengths[trials])]])


def series_of(split: Split) -> list[np.ndarray]:
    """Returns the trials of a split `(T, N)` each, without padding; NaN where nothing was observed."""
    x = split.x if split.mask is None else np.where(split.mask > 0, split.x, np.nan)
    lengths = [split.n_bins] * split.n_trials if split.lengths is None else split.lengths
    return [trial[:length] for trial, length in zip(x, lengths, strict=True)]


def _held(model: Any, ext_input: Any) -> np.ndarray | None:
    width = model.spec.ext_input_dim
    if not width:
        return None
    return np.zeros(width, np.float32) if ext_input is None else np.asarray(ext_input, np.float32)


def _inputs(held: np.ndarray | None, n: int, n_bins: int) -> np.ndarray | None:
    return None if held is None else np.broadcast_to(held, (n, n_bins, len(held)))


def _forecasts(model: Any, split: Split) -> dict[str, float]:
    ks = [k for k in KS if k < split.n_bins]
    latent_map = model.latent_map()
    x = np.where(np.isfinite(split.x), split.x, 0.0)
    errors = k_step_error(model.states(split), x, latent_map.step, model.read_out, ks, split.ext_input, mask=split.mask)
    beside = persistence_error(x, ks, mask=split.mask)
    return {f"mse_{k}": errors[k] for k in ks} | {f"persistence_{k}": beside[k] for k in ks}


def _attractor(
    model: Any, split: Split, metrics: Sequence[str], seed: int, held: np.ndarray | None, begin: np.ndarray | None
) -> dict[str, float]:
    """Compares free runs with the observed series."""
    inputs = _inputs(held, RUNS, TRANSIENT + RUN_BINS)
    run = model.free_run(RUN_BINS, n=RUNS, start=begin, seed=seed, drop=TRANSIENT, ext_input=inputs)
    finite = np.isfinite(run["rates"]).all((1, 2))
    found = {"finite": float(finite.mean())}
    series = np.concatenate(series_of(split))
    series = series[np.isfinite(series).all(1)]
    if not finite.any():
        return found | dict.fromkeys(_names(metrics, series.shape[1]), float("nan"))
    generated = run["rates"][finite].reshape(-1, series.shape[1])
    center, spread = series.mean(0), np.maximum(series.std(0), 1e-12)
    true, made = (series - center) / spread, (generated - center) / spread
    if "klx" in metrics and series.shape[1] <= _MOST_BINNED:
        found["klx"] = state_space_divergence(true, made)
        found["klx_full"] = state_space_divergence(true, made, extent="full")
    if "klx_gmm" in metrics or ("klx" in metrics and series.shape[1] > _MOST_BINNED):
        found["klx_gmm"] = state_space_divergence_gmm(true, made, seed=seed)
    if "klz" in metrics:
        states = model.states(split).reshape(-1, run["gen_states"].shape[-1])
        found["klz"] = latent_divergence(states, run["gen_states"][finite].reshape(-1, states.shape[1]), seed=seed)
    if "pse" in metrics:
        found |= _spectra(model, split, seed, held, begin)
    return found


def _names(metrics: Sequence[str], n_channels: int) -> list[str]:
    binned = ["klx", "klx_full"] if n_channels <= _MOST_BINNED else ["klx_gmm"]
    names = {"klx": binned, "klx_gmm": ["klx_gmm"], "klz": ["klz"], "pse": ["pse", "d_h"]}
    return [name for metric in metrics for name in names.get(metric, [])]


def _spectra(
    model: Any, split: Split, seed: int, held: np.ndarray | None, begin: np.ndarray | None
) -> dict[str, float]:
    """Compares the longest observed trial with free runs of its length."""
    trial = max(series_of(split), key=len)[:_SPECTRUM_BINS]
    trials = np.stack([one for one in series_of(split) if len(one) >= len(trial)])[:20, : len(trial)]
    trials = trials[np.isfinite(trials).all((1, 2))]
    if not len(trials):
        return {"pse": float("nan"), "d_h": float("nan")}
    n, bins = len(trials), trials.shape[1]
    inputs = _inputs(held, n, TRANSIENT + bins)
    start = None if begin is None else begin[:n]
    runs = model.free_run(bins, n=n, start=start, seed=seed + 1, drop=TRANSIENT, ext_input=inputs)["rates"]
    if not np.isfinite(runs).all():
        return {"pse": float("nan"), "d_h": float("nan")}
    return {"pse": power_spectrum_correlation(trials, runs), "d_h": power_spectrum_distance(trials, runs)}


def _largest_exponent(model: Any, seed: int, held: np.ndarray | None, begin: np.ndarray | None) -> float:
    first = None if begin is None else begin[:_LYAPUNOV_RUNS]
    inputs = _inputs(held, _LYAPUNOV_RUNS, TRANSIENT + 1)
    run = model.free_run(1, n=_LYAPUNOV_RUNS, start=first, seed=seed, drop=TRANSIENT, ext_input=inputs)
    start = run["gen_states"][:, -1]
    inputs = _inputs(held, _LYAPUNOV_RUNS, _LYAPUNOV_BINS)
    if (
        not np.isfinite(start).all()
        or not np.isfinite(
            model.free_run(_LYAPUNOV_BINS, n=_LYAPUNOV_RUNS, start=start, ext_input=inputs)["gen_states"]
        ).all()
    ):
        return float("nan")
    return float(lyapunov_spectrum(model.latent_map(), start, _LYAPUNOV_BINS, 100, n_exponents=1)[0])
