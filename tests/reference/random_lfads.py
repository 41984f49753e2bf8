"""Small LFADS models with random weights, as inputs of the oracle and of importer tests."""

from __future__ import annotations

import numpy as np

from indl_vae.importers.lfads_tree import LFADSSizes, expected_shapes


def random_lfads(seed: int = 0, **sizes: int) -> dict[str, np.ndarray]:
    """Returns float32 weights under canonical names; every width differs from the others unless `sizes` says so."""
    widths = {
        "n_encoded": 7, "n_outputs": 7, "ic_enc_dim": 5, "ic_dim": 3, "ci_enc_dim": 4, "con_dim": 6, "co_dim": 2,
        "ext_input_dim": 0, "gen_dim": 8, "fac_dim": 9,
    }  # fmt: skip
    rng = np.random.default_rng(seed)
    shapes = expected_shapes(LFADSSizes(**{**widths, **sizes}))
    weights = {name: rng.normal(0.0, 0.4, shape) for name, shape in shapes.items()}
    weights["ic_prior_logvar"] = np.full_like(weights["ic_prior_logvar"], np.log(0.1))
    return {name: value.astype(np.float32) for name, value in weights.items()}
