from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae.data import Dataset, WormSet, worm_dataset
from indl_vae.data.worms.fit_to_model import fit_to_model
from indl_vae.errors import DataError
from tests.data.worms.worm_sets import recording


def data_of(labels, divisor=(0.5, 2.0), names=("velocity", "pumping"), n_neurons=5):
    worms = WormSet.of([recording(f"w{i}", n_neurons=n_neurons) for i in range(3)], labels, names, np.array(divisor))
    return worm_dataset(worms, 10, 10, ignore_unlabeled=False)


def test_identities_get_the_numbers_of_the_model():
    found = data_of(["unknown", "RID", "new", "AVAL"], divisor=(1.0, 1.0))
    known = data_of(["unknown", "AVAL", "AVAR", "RID"]).worms
    with pytest.warns(UserWarning, match="memory: labels that the model does not know, taken as unknown: new"):
        fitted = fit_to_model(found, known, 7)
    number = {0: 0, 1: 3, 2: 0, 3: 1}
    for name, split in fitted.splits.items():
        own = found.splits[name]
        expected = [[number[i] for i in row] + [0, 0] for row in own.identity.tolist()]
        np.testing.assert_array_equal(split.identity, expected)
        np.testing.assert_array_equal(split.x[..., :5], own.x)
        assert not split.mask[..., 5:].any() and split.mask[..., :5].all() and not split.x[..., 5:].any()
        np.testing.assert_allclose(split.ext_input, own.ext_input / [0.5, 2.0], rtol=1e-6)
    assert fitted.worms.labels == known.labels and fitted.spec.n_identities == 4
    again = fit_to_model(fitted, known, 7)
    np.testing.assert_array_equal(again.train.identity, fitted.train.identity)
    np.testing.assert_array_equal(again.train.ext_input, fitted.train.ext_input)


def test_what_the_model_cannot_take():
    labels = ["unknown", "AVAL", "AVAR", "RID"]
    known = data_of(labels).worms
    with pytest.raises(DataError, match=r"has the behaviours pumping, velocity, the model was trained with velocity"):
        fit_to_model(data_of(labels, names=("pumping", "velocity")), known, 5)
    with pytest.raises(DataError, match="memory: has 6 channels, .*trained with at most 5"):
        fit_to_model(data_of(labels, n_neurons=6), known, 5)
    other = Dataset.from_arrays(np.ones((2, 3, 4)), valid=np.ones((2, 3, 4)), likelihood="gaussian")
    assert fit_to_model(other, known, 9) is other
    assert replace(other, worms=known).n_identities == 4
