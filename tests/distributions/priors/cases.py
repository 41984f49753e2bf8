"""Every prior with the options that change its path through the code; the contract tests run over all of them."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.distributions.priors import (
    AR1Prior,
    DynamicsPrior,
    MultivariateNormalPrior,
    NullPrior,
    Prior,
    RecurrentNormalPrior,
    SharedMeanNormalPrior,
    TiledNormalPrior,
)
from indl_vae.layers import ClippedDendriticStep, LatentStep, PlainStep

DIM = 3


def _step(kind: type[LatentStep], **options: Any) -> dict[str, Any]:
    """A step as a configuration, of which each prior makes one of its own."""
    return keras.saving.serialize_keras_object(kind(DIM, seed=1, **options))


#: name -> (class, options, rank of the latent, whether the KL is a function of the latent alone)
CASES: dict[str, tuple[type[Prior], dict[str, Any], int, bool]] = {
    "normal": (MultivariateNormalPrior, {}, 2, True),
    "normal bounded": (MultivariateNormalPrior, {"init_std": 0.5, "var_min": 0.1, "var_max": 0.4}, 2, True),
    "normal off_diag": (MultivariateNormalPrior, {"off_diag": True, "init_std": 0.5, "init_loc": 0.2}, 2, True),
    "normal as on TF1": (MultivariateNormalPrior, {"var_min": 0.1, "var_max": 0.4, "tf1_compat": True}, 2, True),
    "tiled": (TiledNormalPrior, {"init_std": 0.3}, 3, True),
    "tiled off_diag": (TiledNormalPrior, {"off_diag": True}, 3, True),
    "shared mean": (SharedMeanNormalPrior, {"mean_std": 0.8, "given_std": 0.6}, 3, True),
    "AR1 same": (AR1Prior, {"tau": 3.0, "noise_std": 0.7}, 3, True),
    "AR1 fresh": (AR1Prior, {"tau": 3.0, "kl_sample": "fresh", "seed": 1}, 3, False),
    "AR1 analytic": (AR1Prior, {"tau": 3.0, "kl_sample": "analytic"}, 3, True),
    "LSTM": (RecurrentNormalPrior, {"units": 4, "cell_type": "LSTM", "init_std": 0.5}, 3, True),
    "GRU": (RecurrentNormalPrior, {"units": 4, "cell_type": "GRU", "init_std": 0.5}, 3, True),
    "GRUClip": (RecurrentNormalPrior, {"units": 4, "cell_type": "GRUClip"}, 3, True),
    "RNN": (RecurrentNormalPrior, {"units": 4, "cell_type": "RNN"}, 3, True),
    "free running": (RecurrentNormalPrior, {"units": 4, "mode": "free_running", "seed": 2}, 3, False),
    "dynamics": (DynamicsPrior, {"step": _step(ClippedDendriticStep, n_bases=2), "seed": 1}, 3, True),
    "dynamics of many trials": (DynamicsPrior, {"step": _step(PlainStep), "n_rows": 5, "seed": 1}, 3, True),
    "null static": (NullPrior, {}, 2, True),
    "null dynamic": (NullPrior, {}, 3, True),
}
