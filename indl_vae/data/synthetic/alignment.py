"""The sessions of a synthetic set with the matrices that align them, as the published script writes them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from indl_vae.data.alignment import align_averages, condition_averages


def add_alignment(
    sessions: Mapping[str, Mapping[str, np.ndarray]], n_components: int
) -> dict[str, dict[str, np.ndarray]]:
    """Returns the sessions with `alignment_matrix_cxf` (N, n_components) and `alignment_bias_c` (N,) added.

    Args:
        sessions: Arrays by file key for each session: `train_data` `(B, T, N)` and `train_condition` `(B,)`.
        n_components: Dimensions of the common space.

    Raises:
        ConfigError: There are fewer channels in all than components.
    """
    averages = {
        name: condition_averages(arrays["train_data"], arrays["train_condition"]) for name, arrays in sessions.items()
    }
    aligned = align_averages(averages, n_components)
    return {
        name: dict(arrays) | {"alignment_matrix_cxf": aligned[name].matrix, "alignment_bias_c": aligned[name].bias}
        for name, arrays in sessions.items()
    }
