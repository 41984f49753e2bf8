"""The number that a variable holds."""

from __future__ import annotations

from typing import Any

import numpy as np


def host_value(variable: Any) -> Any:
    """Returns the number of a scalar variable; of one that is mirrored on several devices, `int` and `float` do not."""
    return np.asarray(variable).item()
