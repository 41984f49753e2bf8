"""A model gives the same numbers of the same values, however they lie in memory and whatever their type is."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data.test_layouts import LAYOUTS
from tests.models.helpers import B, T, U, counts, tiny


@pytest.fixture(scope="module")
def model():
    return tiny(ext_input_dim=U)


def batch() -> dict[str, np.ndarray]:
    ext = np.random.default_rng(1).integers(0, 5, (B, T, U)).astype("f4")
    return {"x": counts().astype("f4"), "ext_input": ext, "mask": np.ones((B, T), "f4")}


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "repeated rows"])
def test_inference(model, layout):
    expected = model.posterior(batch(), samples=2, seed=3)
    found = model.posterior({key: LAYOUTS[layout](value) for key, value in batch().items()}, samples=2, seed=3)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


@pytest.mark.parametrize("layout", ["float64", "int64", "uint8", "Fortran", "read-only"])
def test_training_loss(model, layout):
    changed = {key: LAYOUTS[layout](value) for key, value in batch().items()}
    losses = [
        model.test_on_batch(one, return_dict=True)["loss"] for one in (batch(), changed) if not model.reset_metrics()
    ]
    assert losses[0] == losses[1]
