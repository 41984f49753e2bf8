"""Hidden signals of made worms beside the windows that they are cut into."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.split import Split
from indl_vae.data.synthetic.worms import Worms
from indl_vae.errors import DataError


def with_latents(data: Dataset, made: Worms) -> Dataset:
    """Returns the data set with each window's hidden signals `(B, T, k)` in the extras of its splits, as "latent".

    Args:
        data: Windows of the worms; extras sequence_id and start say of which animal, by its place in `worms.uids`, and
            which frame is the first.
        made: The worms.

    Raises:
        DataError: The extras are not there, or do not go with the worms.
    """
    told: dict[str, Any] = {name: _of_split(split, made) for name, split in data.splits.items()}
    return replace(data, **told)


def _of_split(split: Split, made: Worms) -> Split:
    missing = [name for name in ("sequence_id", "start") if name not in split.extras]
    if missing:
        raise DataError(f"{split.name}: expected extras sequence_id and start, got no {missing[0]}; cut worms anew.")
    uids, latent = made.worms.uids, []
    for number, start in zip(split.extras["sequence_id"], split.extras["start"], strict=True):
        signals = made.latents[uids[int(number)]] if 0 <= number < len(uids) else np.zeros((0, 0))
        if not 0 <= start <= len(signals) - split.n_bins:
            raise DataError(
                f"{split.name}: animal {int(number)} from frame {int(start)}: expected one of {len(uids)} animals and "
                "a window within it. Pass the worms that the data were cut from."
            )
        latent.append(signals[int(start) : int(start) + split.n_bins])
    return replace(split, extras={**split.extras, "latent": np.stack(latent)})
