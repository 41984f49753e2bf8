"""Numeric policy in one place: floors, defaults and seeds. No TensorFlow here."""

from __future__ import annotations

import math
import zlib

import numpy as np

#: Added to softplus standard deviations so that no posterior or prior collapses to a point.
SCALE_FLOOR = 1e-5
#: Log-rates are clipped to this range where clipping is switched on; exp(10) is 22,000 counts per bin.
LOG_RATE_RANGE = (-20.0, 10.0)
#: Rates below this count as this when a logarithm or a ratio of them is taken.
RATE_FLOOR = 1e-9


def softplus_inverse(value: float) -> float:
    """Returns the pre-activation at which softplus equals `value` (> 0)."""
    return float(value + math.log(-math.expm1(-value)))


def derive_seed(seed: int, *names: str | int) -> int:
    """Returns a seed that depends on `seed` and on a path of names, stable over processes and platforms."""
    text = "/".join([str(int(seed)), *(str(name) for name in names)])
    return zlib.crc32(text.encode()) & 0x7FFFFFFF


def log_factorial(counts: np.ndarray) -> np.ndarray:
    """Returns log k! elementwise."""
    from scipy.special import gammaln

    return gammaln(np.asarray(counts, dtype=np.float64) + 1.0)


def stirling_log_factorial(counts: np.ndarray) -> np.ndarray:
    """Returns Stirling's k log k - k + log(2 pi k)/2 for k > 1 and 0 otherwise, as `tf.nn.log_poisson_loss` does."""
    counts = np.asarray(counts, dtype=np.float64)
    safe = np.where(counts > 1.0, counts, 1.0)
    return np.where(counts > 1.0, safe * np.log(safe) - safe + 0.5 * np.log(2.0 * np.pi * safe), 0.0)
