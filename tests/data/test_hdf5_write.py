from __future__ import annotations

import os

import h5py
import numpy as np
import pytest

from indl_vae.data import load_dataset, write_dataset, write_hdf5
from indl_vae.errors import DataError
from tests.data.small_files import small_arrays


def test_dataset_round_trip(tmp_path):
    rng = np.random.default_rng(0)
    arrays = small_arrays() | {
        "train_mask": rng.random((6, 5, 4)) < 0.9,
        "train_length": np.array([5, 4, 5, 3, 5, 5]),
        "train_condition": np.arange(6),
        "valid_behavior": rng.normal(size=(3, 5, 2)),
        "train_sequence_id": np.arange(6),
        "train_inds": np.arange(6) + 10,
        "region_sizes": np.array([1, 3]),
        "alignment_bias_c": np.arange(4.0),
    }
    first = load_dataset(arrays, bin_width_s=0.01)
    again = load_dataset(write_dataset(first, tmp_path / "sub" / "a.h5"))
    for name, split in first.splits.items():
        other = again.splits[name]
        for field in ("x", "truth", "mask", "lengths", "condition", "behavior", "inds"):
            expected, found = getattr(split, field), getattr(other, field)
            assert (expected is None) == (found is None), field
            if expected is not None:
                np.testing.assert_array_equal(found, expected)
                assert found.dtype == expected.dtype
    np.testing.assert_array_equal(again.train.extras["sequence_id"], np.arange(6))
    assert again.bin_width_s == 0.01 and again.region_sizes == (1, 3)
    np.testing.assert_array_equal(again.alignment["alignment_bias_c"], np.arange(4.0))


def test_arrays_are_compressed_with_checksums(tmp_path):
    path = write_dataset(
        small_arrays() | {"conversion_factor": np.float64(2), "none": np.zeros((0, 3))}, tmp_path / "a.h5"
    )
    with h5py.File(path) as handle:
        assert handle["train_data"].compression == "gzip" and handle["train_data"].fletcher32
        assert handle["conversion_factor"][()] == 2 and handle["none"].shape == (0, 3)
        assert "bin_width_s" not in handle.attrs


def test_failure_leaves_the_old_file_and_no_scrap(tmp_path, monkeypatch):
    path = write_dataset(small_arrays(), tmp_path / "a.h5")
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match=r"a\.h5: cannot be written .*No space left on device"):
        write_dataset(small_arrays(seed=1), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.h5"]


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        write_dataset(small_arrays(), tmp_path / "file" / "a.h5")


def test_no_numbers(tmp_path):
    with pytest.raises(DataError, match="names: has type .*expected numbers"):
        write_dataset({"names": np.array(["a"])}, tmp_path / "a.h5")


def test_arrays_groups_and_attributes(tmp_path):
    arrays = {"encoder/kernel": np.eye(3, dtype=np.float32), "step": np.float32(2.5), "none": np.zeros((4, 0))}
    path = write_hdf5(arrays, tmp_path / "new" / "w.h5", {"family": "lfads", "samples": 3})
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["encoder"]["kernel"], np.eye(3))
        assert file["step"][()] == 2.5 and file["none"].shape == (4, 0)
        assert dict(file.attrs) == {"family": "lfads", "samples": 3}
    assert [entry.name for entry in path.parent.iterdir()] == ["w.h5"]
