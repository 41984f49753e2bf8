"""Integration of pulses, which asks for a line attractor: with its regularisation and without."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.dynamics.attractors import maker
from benchmarks.experiment import Experiment, Variant
from indl_vae.analysis.metrics import r2
from indl_vae.data import Dataset

#: The network sees the first bin and the pulses, and nothing else of a trial: it has to hold what it added up.
_SHARED: dict[str, Any] = {
    "training": "teacher_forcing",
    "forcing_interval": 1000,
    "z_latent_size": 12,
    "n_bases": 5,
    "batch_size": 20,
    "n_epochs": 200,
    "learning_rate": 3e-3,
    "nll_reduction": "mean",
    "tensorboard": False,
}
#: Most of a trial is without pulses: what forgets slowly has time to forget.
_LONG = {"n_bins": 500, "hold_bins": 300}
VARIANTS = {
    "regularised": Variant("dendplrnn", {**_SHARED, "reg": [[0.5, 1.0]]}, _LONG),
    "free": Variant("dendplrnn", _SHARED, _LONG),
}


def score(run: Any, data: Dataset, seed: int, variant: Variant) -> dict[str, Any]:
    """R2 of the true integral in trials of which the network sees the first bin and the pulses.

    "r2_held" is that of the last tenth of the bins, up to which the sum has to be held.
    """
    test = data.test
    hidden = np.concatenate([test.x[:, :1], np.zeros_like(test.x[:, 1:])], 1)
    rates = run.model({"x": hidden, "ext_input": test.ext_input})["rates"].numpy()
    late = slice(int(0.9 * test.n_bins), None)
    return {
        "r2": r2(rates, test.truth),
        "r2_held": r2(rates[:, late], test.truth[:, late]),
        "forgets_per_bin": forgetting(run.model),
        "val_nll": run.history[-1]["val_nll"],
    }


def forgetting(model: Any) -> float:
    """Returns by how much the slowest direction at rest is away from one that holds: `|1 - |eigenvalue||` at least."""
    state = model.free_run(1, n=1, drop=500, ext_input=np.zeros((1, 501, model.spec.ext_input_dim)))["gen_states"][0]
    values = np.linalg.eigvals(model.latent_map().jacobian(state)[0])
    return float(np.abs(1.0 - np.abs(values)).min())


EXPERIMENT = Experiment(VARIANTS, maker("line_attractor"), score)
