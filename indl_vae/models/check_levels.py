"""Whether data of levels have no more of them than the model."""

from __future__ import annotations

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.validate import check_values, holds_levels
from indl_vae.params import OutputGroup, Params, narrow


def check_levels(params: Params, dataset: Dataset) -> None:
    """Checks the observed data of a model of levels: data may have been loaded without `n_levels`, or under another.

    Args:
        params: Reads `likelihood`, `n_levels`; nothing is checked under other likelihoods.
        dataset: The data that the model is built for.

    Raises:
        DataError: At the first trial, bin and channel that is no level.
    """
    group = narrow(OutputGroup, params)
    if not holds_levels(group.likelihood):
        return
    for name, split in dataset.splits.items():
        x = split.x if split.mask is None else np.where(split.mask > 0, split.x, np.float32(0))
        check_values(x, group.likelihood, f"{dataset.source}: {name}_data", group.n_levels)
