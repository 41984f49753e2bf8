"""Pictures of validation trials while training."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.data import Dataset

#: Trials shown; enough for a picture, few enough to cost nothing.
N_TRIALS = 32
SAMPLES = 8


class PictureMaker:
    """Draws rasters with rates, factors, inputs, rates against truth of some validation trials, free runs, messages.

    Of several sessions, the first is shown.

    Args:
        dataset: Whose validation trials are shown.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __call__(self, model: keras.Model) -> list[tuple[str, str, Any]]:
        """Returns `(title, caption, figure)` triples."""
        from indl_vae.analysis.dynamics_figures import dynamics_figures
        from indl_vae.analysis.neuron_figures import neuron_figures
        from indl_vae.analysis.region_figures import region_figures
        from indl_vae.analysis.report import figures_for
        from indl_vae.analysis.session_views import session_views

        view, part = next(iter(session_views(model, self.dataset).values()))
        few = part.valid.take(slice(0, N_TRIALS))
        inferred = figures_for(view.posterior(few, samples=SAMPLES), few, part.bin_width_s)
        alone = dynamics_figures(model, few, part.bin_width_s)
        regions = region_figures(model, few, part.bin_width_s, samples=SAMPLES)
        return [*inferred, *alone, *regions, *neuron_figures(model, few, part.bin_width_s)]
