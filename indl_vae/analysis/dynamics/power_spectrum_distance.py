"""How much the frequency content of generated series differs from that of the true ones: Hellinger distance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.power_spectra import hellinger, spectral_distribution, spectrum_pair


def power_spectrum_distance(true: Any, generated: Any, smoothing: float = 20.0) -> float:
    """Returns D_H, the Hellinger distance of smoothed power spectra, averaged over dimensions.

    Each trajectory is standardised; `|rfft|^2` is averaged over trajectories, smoothed, and normalised to sum 1; then
    `sqrt(sum (sqrt p - sqrt q)^2 / 2)`. Mikhaeil et al., NeurIPS 2022 (arXiv:2110.07238), Hess et al., ICML 2023
    (arXiv:2306.04406).

    Args:
        true: `(T, N)` or `(B, T, N)`, in any unit.
        generated: The same of the model, of as many bins; the number of trajectories may differ.
        smoothing: Standard deviation of the Gaussian in frequencies, whose number is T // 2 + 1: choose less for short
            series. 0: none.

    Returns:
        0 for equal spectra to 1 for spectra without a common frequency. A generated dimension that does not vary has
        distance 1; NaN where a generated value is not finite.

    Raises:
        ConfigError: If `smoothing` is below 0.
        DataError: If shapes do not fit, the true data are not finite, or one of their dimensions does not vary.
    """
    first, second = spectrum_pair(true, generated)
    p = spectral_distribution(first, smoothing)
    if not np.isfinite(second).all():
        return math.nan
    return float(hellinger(p, spectral_distribution(second, smoothing)).mean())
