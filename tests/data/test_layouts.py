"""Numbers are the same numbers however they lie in memory and whatever their type is: in every array that is read."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.io

from indl_vae.data import Dataset, load_dataset, write_dataset
from tests.data.small_files import small_arrays, write_h5


def read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


#: Ways in which whole numbers can lie, or be stored.
LAYOUTS = {
    "float64": lambda a: a.astype(np.float64),
    "float16": lambda a: a.astype(np.float16),
    "int64": lambda a: a.astype(np.int64),
    "uint8": lambda a: a.astype(np.uint8),
    "big-endian": lambda a: a.astype(">i4"),
    "Fortran": np.asfortranarray,
    "every second": lambda a: np.repeat(a, 2, axis=0)[::2],
    "from the end": lambda a: a[::-1].copy()[::-1],
    "transposed": lambda a: np.ascontiguousarray(a.T).T,
    "repeated rows": lambda a: np.broadcast_to(a[:1], a.shape),
    "read-only": read_only,
    "subclass": lambda a: a.view(np.recarray),
}


def everything(seed: int = 0) -> dict[str, np.ndarray]:
    """Every array that a file may hold of each trial and bin, all whole numbers."""
    rng, arrays = np.random.default_rng(seed), small_arrays(seed)
    for split, n in (("train", 6), ("valid", 3)):
        arrays[f"{split}_ext_input"] = rng.integers(0, 9, (n, 5, 2)).astype("f4")
        arrays[f"{split}_behavior"] = rng.integers(0, 9, (n, 5, 3)).astype("f4")
        arrays[f"{split}_mask"] = (rng.random((n, 5, 4)) < 0.8).astype("f4")
    return arrays


def assert_same(found: Dataset, expected: Dataset) -> None:
    for name, split in expected.splits.items():
        for field in ("x", "truth", "mask", "ext_input", "behavior"):
            ours, theirs = getattr(found.splits[name], field), getattr(split, field)
            np.testing.assert_array_equal(ours, theirs, err_msg=f"{name} {field}")
            assert ours.dtype == theirs.dtype and ours.flags.c_contiguous, f"{name} {field}"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays(layout):
    arrays = everything()
    if layout == "repeated rows":
        arrays = {key: np.ascontiguousarray(LAYOUTS[layout](value)) for key, value in arrays.items()}
    changed = {key: LAYOUTS[layout](value) for key, value in arrays.items()}
    assert_same(load_dataset(changed, bin_width_s=0.01), load_dataset(arrays, bin_width_s=0.01))


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "repeated rows"])
def test_splits_from_arrays(layout):
    x = small_arrays()["train_data"]
    found = Dataset.from_arrays(LAYOUTS[layout](x), [LAYOUTS[layout](trial) for trial in x[:3]])
    expected = Dataset.from_arrays(x, x[:3])
    for name, split in expected.splits.items():
        np.testing.assert_array_equal(found.splits[name].x, split.x)
        assert found.splits[name].x.dtype == np.float32


@pytest.mark.parametrize("layout", ["float64", "int64", "uint8", "big-endian", "Fortran"])
@pytest.mark.parametrize("suffix", ["h5", "npz", "mat"])
def test_files(tmp_path, layout, suffix):
    arrays, path = everything(), tmp_path / f"x.{suffix}"
    changed = {key: LAYOUTS[layout](value) for key, value in arrays.items()}
    if suffix == "h5":
        write_h5(path, changed)
    elif suffix == "npz":
        np.savez(path, **changed)
    else:
        ys = np.empty((1, 20), object)
        ys[0, :] = [LAYOUTS[layout](trial) for trial in np.tile(arrays["train_data"], (4, 1, 1))[:20]]
        scipy.io.savemat(path, {"ys": ys, "region_sizes": LAYOUTS[layout](np.array([[2.0, 2.0]]))})
        whole = ys.copy()
        whole[0, :] = [np.asarray(trial, "f4") for trial in ys[0]]
        scipy.io.savemat(tmp_path / "whole.mat", {"ys": whole, "region_sizes": np.array([[2.0, 2.0]])})
        found, expected = load_dataset(path), load_dataset(tmp_path / "whole.mat")
        np.testing.assert_array_equal(found.train.x, expected.train.x)
        return
    assert_same(load_dataset(path, bin_width_s=0.01), load_dataset(arrays, bin_width_s=0.01))


def test_true_and_false(tmp_path):
    arrays = {key: (value > 0) for key, value in everything().items() if "truth" not in key}
    expected = load_dataset({key: value.astype("f4") for key, value in arrays.items()})
    path = write_dataset(arrays, tmp_path / "x.h5", 0.01)
    for found in (load_dataset(arrays), load_dataset(path)):
        np.testing.assert_array_equal(found.train.x, expected.train.x)
        np.testing.assert_array_equal(found.train.mask, expected.train.mask)
        np.testing.assert_array_equal(found.train.ext_input, expected.train.ext_input)
