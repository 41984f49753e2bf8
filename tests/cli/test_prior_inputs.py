"""External inputs that draws from the prior are made under."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.cli.prior import external_inputs
from indl_vae.data import Dataset
from indl_vae.errors import ConfigError, DataError


def make(**more):
    split = {"x": np.ones((3, 5, 2), "f4") * np.arange(2), **more}
    return Dataset.from_arrays(split, split)


def test_trials_are_taken_over_again():
    ext = np.arange(30, dtype="f4").reshape(3, 5, 2)
    found = external_inputs(make(ext_input=ext), samples=5, n_bins=4)
    np.testing.assert_array_equal(found, ext[[0, 1, 2, 0, 1], :4])
    assert external_inputs(make(ext_input=ext), samples=2).shape == (2, 5, 2)


def test_inputs_that_are_not_there():
    with pytest.raises(DataError, match="has no train_ext_input. Leave --data out"):
        external_inputs(make(), samples=2)
    with pytest.raises(ConfigError, match="--n-bins 6: expected at most the 5 bins of the external inputs"):
        external_inputs(make(ext_input=np.zeros((3, 5, 1), "f4")), samples=2, n_bins=6)
