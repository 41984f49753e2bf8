"""Pictures of validation trials while training."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.data import Dataset

#: Trials shown; enough for a picture, few enough to cost nothing.
N_TRIALS = 32
SAMPLES = 8


class PictureMaker:
    """Draws rasters with rates, factors, inferred inputs and rates against truth of a few validation trials.

    Args:
        dataset: Whose validation trials are shown.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __call__(self, model: keras.Model) -> list[tuple[str, str, Any]]:
        """Returns `(title, caption, figure)` triples."""
        from indl_vae.analysis.report import figures_for

        split = self.dataset.valid
        few = split.take(slice(0, N_TRIALS))
        return figures_for(model.posterior(few, samples=SAMPLES), few, self.dataset.bin_width_s)
