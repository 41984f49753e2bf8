"""Trials that are not divided yet: .mat, .npz and HDF5 files with ys, us, lengths and region_sizes."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

from indl_vae.data import inspect_data, load_dataset
from indl_vae.data.mat5_file import read_mat5
from indl_vae.errors import ConfigError, DataError
from tests.data.region_files import SIZES, WRITERS, cell, padded, ragged, write_mat5, write_mat73
from tests.data.small_files import small_arrays, write_h5

REAL = {"likelihood": "gaussian"}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_holds_the_same_trials(tmp_path, name):
    ys, us = ragged()
    path = WRITERS[name](tmp_path / name, ys, us)
    dataset = load_dataset(path, **REAL)
    assert dataset.region_sizes == dataset.spec.region_sizes == SIZES and dataset.source == str(path)
    assert dataset.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    drawn = np.random.RandomState(0).choice(20, 18, replace=False)
    assert set(dataset.test.inds) == set(range(20)) - set(drawn) and set(dataset.valid.inds) == set(drawn[16:])
    for split in dataset.splits.values():
        assert (np.diff(split.inds) > 0).all() and split.x.shape[1:] == (7, 5)
        for row, number in enumerate(split.inds):
            length = split.lengths[row]
            assert length == len(ys[number]) and split.mask[row].sum() == length * 5
            np.testing.assert_array_equal(split.x[row, :length], np.float32(ys[number]))
            np.testing.assert_array_equal(split.ext_input[row, :length], np.float32(us[number]))
            assert not split.x[row, length:].any() and not split.ext_input[row, length:].any()


@pytest.mark.parametrize("name", WRITERS)
def test_without_inputs_and_with_padding_channels(tmp_path, name):
    ys, _ = ragged()
    dataset = load_dataset(WRITERS[name](tmp_path / name, ys, None, (2, 1)), **REAL)
    assert dataset.region_sizes == (2, 1) and dataset.train.ext_input is None
    np.testing.assert_array_equal(dataset.test.x[0, :4], np.float32(ys[dataset.test.inds[0]][:4, :3]))


def test_options(tmp_path):
    ys, us = ragged()
    path = write_mat5(tmp_path / "x.mat", ys, us)
    with pytest.warns(UserWarning, match=r"x\.mat: \d+ of 20 trials are longer than tlim = 5 bins; what comes later"):
        dataset = load_dataset(path, test_perc=0.2, valid_perc=0.25, dataseed=3, tlim=5, **REAL)
    drawn = np.random.RandomState(3).choice(20, 16, replace=False)
    assert set(dataset.valid.inds) == set(drawn[11:]) and dataset.test.n_trials == 4
    assert dataset.train.x.shape == (11, 5, 5) and dataset.train.lengths.max() == 5
    assert load_dataset(path, tlim=9, **REAL).spec.n_bins == 9
    assert "test" not in load_dataset(path, test_perc=0, **REAL).splits
    assert load_dataset(path, splits="test", **REAL).test.inds.tolist() == list(range(20))
    assert load_dataset(path, splits="present", **REAL).train.n_trials == 16
    few = write_mat5(tmp_path / "few.mat", ys[:2], us[:2])
    assert list(load_dataset(few, splits="present", **REAL).splits) == ["test"]
    with pytest.raises(DataError, match=r"few\.mat: 2 trials, too few for 1 to test and 1 to validate on and one"):
        load_dataset(few, **REAL)


@pytest.mark.parametrize(("options", "message"), [
    ({"test_perc": 1.0}, "test_perc: 1.0, expected a share from 0 up and below 1"),
    ({"valid_perc": 0.0}, "valid_perc: 0.0, expected a share above 0 that leaves trials"),
    ({"valid_perc": 0.5, "test_perc": 0.5}, "valid_perc: 0.5, expected a share .* beside test_perc 0.5"),
    ({"dataseed": -1}, "dataseed: -1, expected a whole number from 0"),
    ({"dataseed": 2**32}, "dataseed: 4294967296, expected a whole number from 0 to 4294967295"),
    ({"tlim": 0}, "tlim: 0, expected a whole number from 1"),
    ({"tlim": True}, "tlim: True, expected a whole number"),
])  # fmt: skip
def test_options_out_of_range(tmp_path, options, message):
    with pytest.raises(ConfigError, match=message):
        load_dataset(write_mat5(tmp_path / "x.mat", *ragged()), **options, **REAL)


def test_options_without_trials_to_divide(tmp_path):
    path = write_h5(tmp_path / "a.h5", small_arrays())
    with pytest.raises(
        ConfigError, match=r"test_perc: goes with trials .*\(key ys\), got .*a\.h5, which holds its own"
    ):
        load_dataset(path, test_perc=0.1)
    np.save(tmp_path / "x.npy", np.ones((20, 4, 2)))
    with pytest.raises(ConfigError, match=r"tlim: goes with trials .*x\.npy, a \.npy file; leave it out"):
        load_dataset(tmp_path / "x.npy", tlim=3)


def test_arrays_in_memory_are_divided_too():
    ys, us = ragged()
    dataset = load_dataset(padded(ys, us), dataseed=1, **REAL)
    assert dataset.source == "memory" and dataset.train.n_trials == 16 and dataset.region_sizes == SIZES


def test_a_file_with_splits_is_left_alone(tmp_path):
    arrays = small_arrays() | {"ys": np.ones((2, 3, 4)), "lengths": np.ones(2)}
    dataset = load_dataset(write_h5(tmp_path / "a.h5", arrays))
    assert dataset.train.n_trials == 6 and dataset.ignored == ("lengths", "ys")


@pytest.mark.parametrize("compressed", [True, False])
def test_the_librarys_own_keys_in_a_mat_file(tmp_path, compressed):
    arrays = small_arrays() | {"train_condition": np.arange(6), "valid_condition": np.arange(3)}
    scipy.io.savemat(tmp_path / "x.mat", arrays | {"bin_width_s": 0.01, "note": "text"}, do_compression=compressed)
    found, expected = load_dataset(tmp_path / "x.mat"), load_dataset(arrays, bin_width_s=0.01)
    for name, split in expected.splits.items():
        np.testing.assert_array_equal(found.splits[name].x, split.x)
        np.testing.assert_array_equal(found.splits[name].truth, split.truth)
        assert found.splits[name].condition.tolist() == split.condition.tolist()
    assert found.bin_width_s == 0.01 and found.ignored == ("note",)
    assert inspect_data(tmp_path / "x.mat").sessions[0].problem is None


@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "u2", "i4", "u8", "?"])
@pytest.mark.parametrize("compressed", [True, False])
def test_every_type_of_numbers(tmp_path, dtype, compressed):
    arrays = {"ys": np.random.default_rng(0).integers(0, 2, (20, 4, 3)).astype(dtype), "lengths": np.full(20, 4)}
    scipy.io.savemat(tmp_path / "x.mat", arrays | {"a": cell([np.ones(2)]), "b": {"c": "d"}}, do_compression=compressed)
    found, ignored = read_mat5(tmp_path / "x.mat", lambda names: [name for name in names if name in arrays])
    assert ignored == ("a", "b") and (found["lengths"] == 4).all()
    np.testing.assert_array_equal(found["ys"], arrays["ys"])


def test_a_file_of_a_machine_with_the_other_byte_order(tmp_path):
    def piece(kind: int, content: bytes) -> bytes:
        return struct.pack(">II", kind, len(content)) + content + bytes(-len(content) % 8)

    values = np.arange(6.0).reshape(2, 3)
    parts = piece(6, struct.pack(">II", 6, 0)) + piece(5, struct.pack(">ii", 2, 3)) + piece(1, b"values")
    matrix = piece(14, parts + piece(9, values.astype(">f8").tobytes(order="F")))
    (tmp_path / "x.mat").write_bytes(b"MATLAB 5.0".ljust(124) + b"\x01\x00MI" + matrix)
    found, _ = read_mat5(tmp_path / "x.mat", lambda names: names)
    np.testing.assert_array_equal(found["values"], values)


def test_matlab_drops_a_last_axis_of_length_one(tmp_path):
    x = np.arange(40.0).reshape(8, 5)
    scipy.io.savemat(tmp_path / "x.mat", {"train_data": x, "valid_data": x[:2]})
    assert load_dataset(tmp_path / "x.mat", **REAL).train.x.shape == (8, 5, 1)


def test_equal_trials_as_an_array(tmp_path):
    x = np.random.default_rng(0).normal(size=(20, 4, 3))
    scipy.io.savemat(tmp_path / "x.mat", {"ys": x, "us": np.zeros((0, 0))})
    dataset = load_dataset(tmp_path / "x.mat", **REAL)
    assert dataset.region_sizes is None and dataset.train.mask is None and dataset.train.ext_input is None
    np.testing.assert_array_equal(dataset.train.x, np.float32(x[dataset.train.inds]))


YS, US = ragged(4)


@pytest.mark.parametrize(("arrays", "message"), [
    ({"ys": cell([cell([np.ones((3, 2))])])}, r"x\.mat: ys\{1\}: is a cell in a cell, expected"),
    ({"ys": scipy.sparse.eye(3)}, r"x\.mat: ys: is a sparse array, expected"),
    ({"ys": "text"}, r"x\.mat: ys: is a text, expected an array of real numbers, or a cell"),
    ({"ys": {"a": 1.0}}, r"x\.mat: ys: is a struct, expected"),
    ({"ys": cell([np.ones((3, 2)), "text"])}, r"x\.mat: ys\{2\}: is a text, expected an array of real numbers"),
    ({"ys": np.ones((2, 3, 4)) * 1j}, r"x\.mat: ys: is a complex array, expected an array of real numbers"),
    ({"ys": cell(YS), "us": cell(US[:3])}, r"x\.mat: us: has 3 trials, ys has 4"),
    ({"ys": cell(YS), "us": cell([US[1], US[0], *US[2:]])}, r"x\.mat: us: trial 0 has \d bins, that of ys has \d"),
    ({"ys": cell(YS), "region_sizes": [4.0, 2.0]}, r"region_sizes: \[4.0, 2.0\], expected whole numbers .* the 5 chan"),
    ({"ys": cell(YS), "region_sizes": [1.5]}, r"region_sizes: \[1.5\], expected whole numbers"),
    ({"ys": cell([YS[0], YS[1][:, :2]])}, r"x\.mat: ys: trial 1 has 2 columns, trial 0 has 5"),
    ({"train_data": cell(YS)}, r"x\.mat: train_data: is a cell, expected an array; cells are for ys and us"),
    ({"ys": np.ones((6, 2)), "lengths": [2.0, 3.0]}, r"ys: has 6 rows, lengths \[2, 3\] add up to 5; expected the bins"),
    ({"ys": np.ones((2, 6, 2)), "lengths": [7.0, 3.0]}, r"lengths: length 7 at trial 0, expected 1 to 6 bins"),
    ({"ys": np.ones((6, 2))}, r"x\.mat: ys: has shape \(6, 2\), expected \(trials, bins, channels\)"),
    ({"other": 1.0}, r"x\.mat: train_data: not in the file; .*not read: other"),
    ({"ys": cell(YS), "bin_width_s": [0.1, 0.2]}, r"x\.mat: bin_width_s: expected one number of seconds"),
])  # fmt: skip
def test_mat_files_that_are_refused(tmp_path, arrays, message):
    scipy.io.savemat(tmp_path / "x.mat", arrays)
    with pytest.raises(DataError, match=message):
        load_dataset(tmp_path / "x.mat", **REAL)


@pytest.mark.parametrize("write", [write_mat5, write_mat73])
def test_truncated_mat_files(tmp_path, write):
    path = write(tmp_path / "x.mat", *ragged())
    content = path.read_bytes()
    for length in (0, 3, 100, 128, 700, len(content) // 2, len(content) - 9):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match=r"x\.mat"):
            load_dataset(path, **REAL)
    with pytest.raises(DataError, match=r"y\.mat: no such file"):
        load_dataset(tmp_path / "y.mat", **REAL)


def test_old_and_other_files(tmp_path):
    path = tmp_path / "x.mat"
    scipy.io.savemat(path, {"ys": np.ones((2, 3))}, format="4")
    with pytest.raises(DataError, match=r"x\.mat: is no .mat file of version 5 or later; save it again in MATLAB"):
        load_dataset(path, **REAL)
    path.write_bytes(bytes(range(256)) * 4)
    with pytest.raises(DataError, match=r"x\.mat"):
        load_dataset(path, **REAL)


def test_a_cell_that_points_out_of_the_file(tmp_path):
    ys, us = ragged()
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["a"] = np.ones((5, 4))
    path = write_mat73(tmp_path / "x.mat", ys, us)
    with h5py.File(path, "r+") as handle:
        layout = h5py.VirtualLayout((5, 4), float)
        layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "a", (5, 4))
        handle.create_virtual_dataset("#refs#/v", layout)
        handle["ys"][3, 0] = handle["#refs#/v"].ref
    with pytest.raises(DataError, match=r"#refs#/v: is a virtual dataset, made of other files"):
        load_dataset(path, **REAL)
    with h5py.File(path, "r+") as handle:
        handle["ys"][3, 0] = h5py.Reference()
    with pytest.raises(DataError, match=r"x\.mat: ys\{4\}: cannot be read"):
        load_dataset(path, **REAL)
    with h5py.File(path, "r+") as handle:
        handle["ys"][3, 0] = handle["#refs#"].ref
    with pytest.raises(DataError, match=r"#refs#: is a group, expected an array"):
        load_dataset(path, **REAL)


def test_objects_are_not_unpickled(tmp_path):
    np.savez(tmp_path / "x.npz", ys=np.array([np.ones((2, 3)), np.ones((4, 3))], object))
    with pytest.raises(DataError, match=r"x\.npz: ys: holds Python objects"):
        load_dataset(Path(tmp_path / "x.npz"), **REAL)
