"""The divergence of two attractors in many dimensions: KL divergence of Gaussian mixtures on their points."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.gaussian_mixture import GaussianMixture, sampled_divergence
from indl_vae.analysis.dynamics.series import as_points, check_counts, check_positive, series_pair


def state_space_divergence_gmm(
    true: Any,
    generated: Any,
    scale: float = 1.0,
    n_samples: int = 1000,
    max_points: int = 10_000,
    symmetric: bool = True,
    seed: int = 0,
) -> float:
    """Returns D_stsp by Monte Carlo in nats, for data of about 5 dimensions and more.

    A Gaussian of standard deviation `scale` stands on each point; `KL(p || q)` is the mean of `log p(y) - log q(y)`
    over samples y of p. Brenner et al., ICML 2022 (arXiv:2207.02542), there with scale 1 on standardised data, and the
    mean of both directions; Hess et al., ICML 2023 (arXiv:2306.04406), use `KL(true || generated)` alone. With
    scale 1 the mixtures are as broad as the data, so the figures span little; they do not compare with those of
    `state_space_divergence`.

    Args:
        true: `(T, D)` or `(B, T, D)`; trajectories are pooled.
        generated: The same of the model: long free runs, without their transients.
        scale: Standard deviation of each Gaussian, in units of the data.
        n_samples: Samples of each direction; the error falls with its square root.
        max_points: The first so many points of each series are used.
        symmetric: Whether both directions are averaged; else `KL(true || generated)`.
        seed: Of the samples.

    Returns:
        The divergence, which near 0 may be slightly negative; NaN where a generated point is not finite.

    Raises:
        ConfigError: If an argument is out of its range.
        DataError: If shapes do not fit, or the true data are not finite.
    """
    check_positive(scale=scale)
    check_counts(n_samples=n_samples, max_points=max_points)
    points, others = (as_points(series)[:max_points] for series in series_pair(true, generated))
    if not np.isfinite(others).all():
        return math.nan
    p, q, rng = (
        GaussianMixture(points, float(scale)),
        GaussianMixture(others, float(scale)),
        np.random.default_rng(seed),
    )
    forward = sampled_divergence(p, q, rng, n_samples)
    return 0.5 * (forward + sampled_divergence(q, p, rng, n_samples)) if symmetric else forward
