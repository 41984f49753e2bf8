from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import as_batch
from indl_vae.errors import DataError

X = np.ones((2, 3, 4))


def test_array_is_x():
    batch = as_batch(X)
    assert list(batch) == ["x"] and batch["x"].dtype == np.float32


def test_mask_is_widened_and_applied():
    x = X.copy()
    x[0, 1] = np.nan
    mask = np.ones((2, 3))
    mask[0, 1] = 0
    batch = as_batch({"x": x, "mask": mask, "truth": x, "ext_input": None}, n_channels=4)
    assert set(batch) == {"x", "mask", "truth"}
    assert batch["mask"].shape == (2, 3, 4)
    np.testing.assert_array_equal(batch["x"], batch["mask"])
    np.testing.assert_array_equal(batch["truth"], batch["mask"])


@pytest.mark.parametrize(("data", "message"), [
    ({"x": X, "maks": X}, "unknown key 'maks', expected x, mask.*did you mean 'mask'"),
    ({"x": X, "target": X}, "unknown key 'target'.*leave it out"),
    ({"mask": X}, r"no 'x' among \['mask'\]"),
    (np.ones((3, 4)), r"batch: x: has shape \(3, 4\), expected \(trials, bins, channels\)"),
    (np.ones((2, 3, 5)), r"batch: x: has shape \(2, 3, 5\), expected \(2, 3, 4\)"),
    (np.ones((2, 0, 4)), "no bins"),
    ({"x": X, "mask": X * 2}, "batch: mask: value 2"),
    ({"x": X, "visible": X * 0.5}, "batch: visible: value 0.5"),
    ({"x": X, "ext_input": np.ones((2, 2, 1))}, "batch: ext_input: has shape"),
    (X * np.nan, "batch: x: NaN at trial 0, bin 0, channel 0.*pass a mask"),
])  # fmt: skip
def test_batches_that_do_not_fit(data, message):
    with pytest.raises(DataError, match=message):
        as_batch(data, n_channels=4)
