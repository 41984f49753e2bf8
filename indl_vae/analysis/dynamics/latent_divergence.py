"""How far free runs of the prior are from the posterior in latent space."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.gaussian_mixture import GaussianMixture, sampled_divergence
from indl_vae.analysis.dynamics.series import as_points, check_counts, finite_series, series_pair
from indl_vae.errors import DataError


def latent_divergence(
    posterior_means: Any,
    generated_latents: Any,
    *,
    posterior_scales: Any | None = None,
    generated_scales: Any | None = None,
    n_samples: int = 1000,
    max_points: int = 5000,
    seed: int = 0,
) -> float:
    """Returns KLz: `KL(posterior || prior)` in nats of Gaussian mixtures on encoded and on freely generated latents.

    It is low where the latent map by itself visits the states that the encoder infers, whatever the decoder makes of
    them. Monte Carlo with unit covariances (Brenner et al., ICML 2022, arXiv:2207.02542), unless standard deviations
    are given.

    Args:
        posterior_means: `(T, M)` or `(B, T, M)`.
        generated_latents: The same of free runs, without their transients; the number of points may differ.
        posterior_scales: Standard deviations of the posterior in the shape of its means, above 0; None: 1.
        generated_scales: Standard deviations in the shape of `generated_latents`; None: 1.
        n_samples: Samples from the posterior's mixture.
        max_points: The first so many points of each are used.
        seed: Of the samples.

    Returns:
        The divergence, which near 0 may be slightly negative; NaN where a generated latent is not finite.

    Raises:
        ConfigError: If an argument is out of its range.
        DataError: If shapes do not fit, the posterior is not finite, or a standard deviation is not above 0.
    """
    check_counts(n_samples=n_samples, max_points=max_points)
    names = ("posterior_means", "generated_latents")
    means, latents = series_pair(posterior_means, generated_latents, names)
    scales = _scales("posterior_scales", posterior_scales, means, max_points)
    other_scales = _scales("generated_scales", generated_scales, latents, max_points)
    means, latents = as_points(means)[:max_points], as_points(latents)[:max_points]
    if not np.isfinite(latents).all():
        return math.nan
    posterior, prior = GaussianMixture(means, scales), GaussianMixture(latents, other_scales)
    return sampled_divergence(posterior, prior, np.random.default_rng(seed), n_samples)


def _scales(name: str, scales: Any | None, means: np.ndarray, max_points: int) -> float | np.ndarray:
    if scales is None:
        return 1.0
    values = finite_series(name, scales)
    if values.shape != means.shape or not (values > 0).all():
        raise DataError(
            f"{name}: expected standard deviations above 0 in the shape of the means, {means.shape}, got shape "
            f"{values.shape} and a least value of {values.min():g}. Exponentiate log standard deviations first."
        )
    return as_points(values)[:max_points]
