"""The labels of a split."""

from __future__ import annotations

from typing import Any

import numpy as np


def labels(split: Any) -> tuple[np.ndarray, np.ndarray]:
    """Returns a split's static labels `(B,)` or `(B, K)` and dynamic labels `(B,)` (those of the first bin), whole."""
    static = np.asarray(split.extras["static_label"]).astype(int)
    return static, np.asarray(split.extras["dynamic_label"])[:, 0, 0].astype(int)
