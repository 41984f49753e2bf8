from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.linear_recovery import linear_recovery
from indl_vae.errors import DataError

RNG = np.random.default_rng(0)
LATENT = RNG.normal(size=(10, 8, 2))


def test_a_linear_image_is_recovered():
    found = linear_recovery(LATENT @ RNG.normal(size=(2, 6)) - 3.0, LATENT)
    np.testing.assert_allclose(found.prediction, LATENT, atol=1e-3)
    assert found.r2 == pytest.approx(1.0, abs=1e-5) and found.r2_per_dim.shape == (2,)


def test_trials_are_predicted_from_other_trials():
    """Features that say which trial it is, and nothing else, could only fit, not predict."""
    marks = np.repeat(np.eye(10)[:, None], 8, axis=1)
    levels = np.repeat(RNG.normal(size=(10, 1, 1)), 8, axis=1)
    assert linear_recovery(marks, levels).r2 < 0.1


def test_one_trial_is_fitted_on_itself():
    assert linear_recovery(LATENT[:1], LATENT[:1]).r2 > 0.999


def test_other_trials_are_refused():
    with pytest.raises(DataError, match=r"expected the same trials and bins, got \(10, 8\) and \(9, 8\)"):
        linear_recovery(LATENT, LATENT[:9])
