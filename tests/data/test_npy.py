from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from indl_vae.data import load_dataset, load_for
from indl_vae.data.inspection import inspect_data
from indl_vae.errors import ConfigError, DataError
from tests.data.small_files import small_arrays
from tests.data.test_data_page import run_section

REAL = {"likelihood": "gaussian"}


def numbered(*shape: int) -> np.ndarray:
    """Different values everywhere, so that a value says where it is from."""
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape) / 8


def save(path: Path, array) -> Path:
    np.save(path, array)
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_last_shares_of_the_trials_validate_and_test(tmp_path):
    x = numbered(20, 5, 3)
    path = save(tmp_path / "x.npy", x)
    dataset = load_dataset(path, **REAL)
    for split, rows in (("train", range(16)), ("valid", range(16, 18)), ("test", range(18, 20))):
        np.testing.assert_array_equal(dataset.splits[split].x, x[list(rows)])
        assert dataset.splits[split].inds.tolist() == list(rows)
    assert dataset.source == str(path) and dataset.sha256 == sha256(path) and dataset.train.mask is None
    assert dataset.info()["source"] == str(path) and dataset.info()["sha256"] == sha256(path)
    assert dataset.spec.n_bins == 5


@pytest.mark.parametrize(("options", "sizes"), [
    ({}, {"train": 16, "valid": 2, "test": 2}),
    ({"valid_share": 0.25, "test_share": 0.5}, {"train": 5, "valid": 5, "test": 10}),
    ({"test_share": 0}, {"train": 18, "valid": 2}),
    ({"valid_share": 0.001, "test_share": 0.001}, {"train": 18, "valid": 1, "test": 1}),
    ({"splits": ["train", "valid"]}, {"train": 16, "valid": 2}),
    ({"splits": "present"}, {"train": 16, "valid": 2, "test": 2}),
    ({"splits": "present", "test_share": 0}, {"train": 18, "valid": 2}),
    ({"splits": "test"}, {"test": 20}),
    ({"splits": ["test"], "test_share": 0.1}, {"test": 2}),
])  # fmt: skip
def test_shares_and_splits(tmp_path, options, sizes):
    x = numbered(20, 5, 3)
    splits = load_dataset(save(tmp_path / "x.npy", x), **REAL, **options).splits
    assert {name: split.n_trials for name, split in splits.items()} == sizes
    together = np.concatenate([split.x for split in splits.values()])
    np.testing.assert_array_equal(together, x[-len(together) :] if "train" not in sizes else x[: len(together)])


@pytest.mark.parametrize("shape", [(100, 3), (1, 100, 3)])
def test_a_recording_is_divided_in_time(tmp_path, shape):
    x = numbered(*shape)
    dataset = load_dataset(save(tmp_path / "x.npy", x), **REAL)
    assert [split.x.shape for split in dataset.splits.values()] == [(1, 80, 3), (1, 10, 3), (1, 10, 3)]
    joined = np.concatenate([split.x[0] for split in dataset.splits.values()])
    np.testing.assert_array_equal(joined, x.reshape(100, 3))
    whole = load_dataset(tmp_path / "x.npy", splits="test", **REAL)
    np.testing.assert_array_equal(whole.test.x, x.reshape(1, 100, 3))


@pytest.mark.parametrize("shape", [(100, 3), (1, 100, 3)])
def test_a_recording_is_cut_into_consecutive_windows(tmp_path, shape):
    x = numbered(*shape)
    dataset = load_dataset(save(tmp_path / "x.npy", x), seq_len=5, **REAL)
    assert [split.x.shape for split in dataset.splits.values()] == [(16, 5, 3), (2, 5, 3), (2, 5, 3)]
    joined = np.concatenate([split.x.reshape(-1, 3) for split in dataset.splits.values()])
    np.testing.assert_array_equal(joined, x.reshape(100, 3))
    assert dataset.test.inds.tolist() == [18, 19]
    whole = load_dataset(tmp_path / "x.npy", seq_len=5, splits="test", **REAL)
    np.testing.assert_array_equal(whole.test.x, x.reshape(20, 5, 3))


def test_trials_are_divided_before_they_are_cut(tmp_path):
    x = numbered(5, 20, 2)
    dataset = load_dataset(save(tmp_path / "x.npy", x), seq_len=10, **REAL)
    np.testing.assert_array_equal(dataset.train.x, x[:3].reshape(6, 10, 2))
    np.testing.assert_array_equal(dataset.valid.x, x[3].reshape(2, 10, 2))
    np.testing.assert_array_equal(dataset.test.x, x[4].reshape(2, 10, 2))
    assert dataset.test.inds.tolist() == [8, 9]


def test_what_is_no_longer_than_a_window_stays_whole(tmp_path):
    path = save(tmp_path / "x.npy", numbered(5, 20, 2))
    for seq_len in (20, 50):
        assert load_dataset(path, seq_len=seq_len, **REAL).train.x.shape == (3, 20, 2)


def test_bins_that_fill_no_window_are_left_out_with_a_warning(tmp_path):
    x = numbered(57, 2)
    path = save(tmp_path / "x.npy", x)
    with pytest.warns(UserWarning, match="the last 7 bins of each of 1 trials fill no window of seq_len 10 and are"):
        dataset = load_dataset(path, seq_len=10, **REAL)
    assert dataset.splits["train"].n_trials == 3
    np.testing.assert_array_equal(dataset.test.x[0], x[40:50])


def test_inputs_go_where_their_data_go(tmp_path):
    x, u = numbered(100, 3), -numbered(100, 2)
    path, inputs = save(tmp_path / "x.npy", x), save(tmp_path / "u.npy", u)
    dataset = load_dataset(path, seq_len=5, inputs_path=inputs, **REAL)
    for split in dataset.splits.values():
        assert split.ext_input.shape == (split.n_trials, 5, 2)
        rows = np.rint(split.x[:, :, 0] * 8 / 3).astype(int)
        np.testing.assert_array_equal(split.ext_input, u[rows])
    assert dataset.spec.ext_input_dim == 2
    assert dataset.sha256 == f"{sha256(path)}-{sha256(inputs)}"
    again = load_dataset(path, seq_len=5, input_path=str(inputs), **REAL)
    np.testing.assert_array_equal(again.test.ext_input, dataset.test.ext_input)


def test_inputs_of_trials(tmp_path):
    x, u = numbered(20, 5, 3), numbered(20, 5, 1)
    save(tmp_path / "u.npy", u)
    dataset = load_dataset(save(tmp_path / "x.npy", x), inputs_path="u.npy", **REAL)
    np.testing.assert_array_equal(dataset.valid.ext_input, u[16:18])


def test_relative_inputs_lie_beside_the_data_or_in_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    path = save(tmp_path / "data" / "x.npy", numbered(20, 5, 3))
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "u.npy", np.ones((20, 5, 1)))
    assert load_dataset(path, inputs_path="u.npy", **REAL).train.ext_input.max() == 1
    save(tmp_path / "data" / "u.npy", np.full((20, 5, 1), 2.0))
    assert load_dataset(path, inputs_path="u.npy", **REAL).train.ext_input.max() == 2


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, ">i2", np.float64, bool])
def test_counts_of_any_type_and_layout(tmp_path, dtype):
    x = np.random.default_rng(0).integers(0, 2, (20, 5, 3))
    for order in "CF":
        path = save(tmp_path / "x.npy", np.asarray(x.astype(dtype), order=order))
        dataset = load_dataset(path)
        np.testing.assert_array_equal(dataset.train.x, x[:16])
        assert dataset.train.x.dtype == np.float32


def test_a_header_of_version_2_is_read(tmp_path):
    x = numbered(20, 5, 3)
    with open(tmp_path / "x.npy", "wb") as handle:
        np.lib.format.write_array(handle, x, version=(2, 0))
    np.testing.assert_array_equal(load_dataset(tmp_path / "x.npy", **REAL).train.x, x[:16])


def test_nan_follows_the_rule_for_what_is_missing(tmp_path):
    x = numbered(20, 5, 3)
    x[17, 2, 1] = np.nan
    path = save(tmp_path / "x.npy", x)
    with pytest.raises(DataError, match=r"x\.npy: valid_data: NaN at trial 1, bin 2, channel 1; set missing='mask'"):
        load_dataset(path, **REAL)
    mask = load_dataset(path, missing="mask", **REAL).valid.mask
    assert mask[1, 2, 1] == 0 and mask.sum() == mask.size - 1


def test_real_values_are_refused_as_counts(tmp_path):
    with pytest.raises(DataError, match="non-integer value 0.125 .*likelihood='gaussian' takes any number"):
        load_dataset(save(tmp_path / "x.npy", numbered(20, 5, 3)))


def test_sessions_of_npy_files(tmp_path):
    paths = [save(tmp_path / f"rat_{day}.npy", numbered(20, 5, n)) for day, n in (("mon", 3), ("tue", 2))]
    dataset = load_dataset(paths, **REAL)
    assert list(dataset.parts) == ["mon", "tue"] and dataset.train.x.shape == (32, 5, 3)


def test_settings_of_a_model_divide(tmp_path):
    path = save(tmp_path / "x.npy", numbered(100, 3))
    save(tmp_path / "u.npy", numbered(100, 2))
    settings = {"likelihood": "gaussian", "missing": "error", "bin_width_s": 0.02}
    assert load_for(settings, path).train.x.shape == (1, 80, 3)
    more = settings | {"inputs_path": "u.npy", "valid_share": 0.2, "test_share": None}
    dataset = load_for(more, path)
    assert [split.n_bins for split in dataset.splits.values()] == [70, 20, 10]
    assert dataset.train.ext_input.shape == (1, 70, 2) and dataset.bin_width_s == 0.02
    aliased = settings | {"input_path": "u.npy"}
    assert load_for(aliased, path, splits="test").test.ext_input.shape == (1, 100, 2)


def test_settings_of_npy_files_leave_other_data_as_they_are():
    settings = {"likelihood": "poisson", "missing": "error", "bin_width_s": 0.01, "seq_len": 2}
    assert load_for(settings, small_arrays()).train.x.shape == (6, 5, 4)
    with pytest.warns(
        UserWarning, match=r"inputs_path is not read: it goes with a \.npy file; other files hold inputs"
    ):
        assert load_for(settings | {"inputs_path": "u.npy"}, small_arrays()).train.ext_input is None


def test_inspection(tmp_path):
    (summary,) = inspect_data(save(tmp_path / "x.npy", numbered(20, 5, 3))).sessions
    assert summary.problem is None and summary.likelihood == "gaussian"
    assert [split.n_trials for split in summary.splits] == [16, 2, 2]


@pytest.mark.parametrize(("array", "message"), [
    (np.array([np.ones((2, 3)), np.ones((4, 3))], object),
     r"x\.npy: holds Python objects \(shape \(2,\)\), .*unpickling .*numpy\.savez.*list of arrays to "
     r"Dataset\.from_arrays, or write HDF5 with \*_length"),
    (np.ones(7), r"x\.npy: has shape \(7,\), expected \(trials, bins, channels\) or, for one recording"),
    (np.ones((2, 3, 4, 5)), r"has shape \(2, 3, 4, 5\), expected \(trials, bins, channels\)"),
    (np.ones((5, 0, 3)), r"has shape \(5, 0, 3\), expected .* at least one of each"),
    (np.ones((20, 5, 3), np.complex64), r"holds complex numbers \(complex64\), expected real ones; save real and"),
    (np.full((20, 5, 3), "a"), r"has type <U1, expected numbers"),
    (np.zeros((20, 5), [("a", "f4")]), r"has type \[\('a', '<f4'\)\], expected numbers"),
    (np.ones((2, 5, 3)), r"has 2 trials, too few for 1 to validate and 1 to test on and one to train on"),
    (np.ones((2, 3)), r"has 2 bins, too few for 1 to validate"),
])  # fmt: skip
def test_arrays_that_are_refused(tmp_path, array, message):
    with pytest.raises(DataError, match=message):
        load_dataset(save(tmp_path / "x.npy", array), **REAL)


def test_new_data_too_short_to_be_divided_are_all_test(tmp_path):
    x = numbered(2, 5, 3)
    for array in (x, x[0, :2]):
        dataset = load_dataset(save(tmp_path / "x.npy", array), splits="present", **REAL)
        assert list(dataset.splits) == ["test"]
        np.testing.assert_array_equal(dataset.test.x, array.reshape(-1, *array.shape[-2:]))


def test_too_few_windows(tmp_path):
    with pytest.raises(DataError, match="has 2 windows of 40 bins, too few for 1 to validate .* a smaller seq_len"):
        load_dataset(save(tmp_path / "x.npy", numbered(80, 3)), seq_len=40, **REAL)


@pytest.mark.parametrize(("shape", "message"), [
    ((20, 4, 1), r"u\.npy: has 20 trials of 4 bins, .*x\.npy has 20 of 5; give the inputs of these data"),
    ((19, 5, 1), "has 19 trials of 5 bins"),
    ((5, 1), "has 1 trials of 5 bins"),
    ((20,), r"u\.npy: has shape \(20,\), expected"),
])  # fmt: skip
def test_inputs_of_another_shape(tmp_path, shape, message):
    save(tmp_path / "u.npy", np.ones(shape))
    with pytest.raises(DataError, match=message):
        load_dataset(save(tmp_path / "x.npy", numbered(20, 5, 3)), inputs_path="u.npy", **REAL)


def test_inputs_with_gaps_or_nowhere(tmp_path):
    path = save(tmp_path / "x.npy", numbered(20, 5, 3))
    with pytest.raises(DataError, match=r"inputs_path: u\.npy: no such file, neither beside .*x\.npy nor in the work"):
        load_dataset(path, inputs_path="u.npy", **REAL)
    save(tmp_path / "u.npy", np.full((20, 5, 1), np.nan))
    with pytest.raises(DataError, match="train_ext_input: NaN at trial 0, bin 0.*external input has no mask"):
        load_dataset(path, inputs_path="u.npy", **REAL)


@pytest.mark.parametrize(("change", "message"), [
    (lambda b: b[:-8], r"x\.npy: its header promises shape \(20, 5, 3\), 2,400 bytes, but 2,392 bytes follow; the file"),
    (lambda b: b[:40], r"x\.npy: is no array in the \.npy format"),
    (lambda b: b"", r"x\.npy: is no array in the \.npy format"),
    (lambda b: b"1.0, 2.0\n3.0, 4.0\n", r"x\.npy: is no array in the \.npy format .*write it with numpy\.save"),
    (lambda b: b[:6] + b"\x03" + b[7:], "version 3.0 of the format, expected 1.0 or 2.0"),
    (lambda b: b.replace(b"(20, 5, 3)", b"(-2, 5, 3)"), r"header promises shape \(-2, 5, 3\)"),
    (lambda b: b.replace(b"(20, 5, 3), ", b"(9**9,5, 3),"), r"is no array in the \.npy format"),
    (lambda b: b.replace(b"(20, 5, 3), }", b"(999999999,)}"), r"promises shape \(999999999,\), 7,999,999,992 bytes"),
])  # fmt: skip
def test_damaged_files(tmp_path, change, message):
    path = save(tmp_path / "x.npy", np.ones((20, 5, 3)))
    before = path.read_bytes()
    path.write_bytes(change(before))
    assert path.read_bytes() != before
    with pytest.raises(DataError, match=message):
        load_dataset(path, **REAL)


def test_missing_files(tmp_path):
    with pytest.raises(DataError, match=r"x\.npy: no such file"):
        load_dataset(tmp_path / "x.npy")


def test_no_object_is_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "opened",))

    for name in ("x.npy", "x.npz"):
        write = np.save if name == "x.npy" else np.savez
        key = "arr" if name == "x.npy" else "train_data"
        write(tmp_path / name, **{key: np.array([Trap()], object)})
        with pytest.raises(DataError, match="holds Python objects"):
            load_dataset(tmp_path / name)
    assert not (tmp_path / "opened").exists()
    np.load(tmp_path / "x.npy", allow_pickle=True)
    assert (tmp_path / "opened").exists(), "the trap works"


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
def test_changed_bytes_give_data_or_a_data_error(tmp_path, name):
    path, rng = tmp_path / name, np.random.default_rng(1)
    if name == "x.npy":
        np.save(path, numbered(4, 3, 2))
    else:
        np.savez_compressed(path, train_data=numbered(4, 3, 2), valid_data=numbered(2, 3, 2))
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    for _ in range(400):
        changed = whole.copy()
        places = rng.integers(0, len(whole) if name == "x.npz" else 128, 2)
        changed[places] = rng.integers(0, 256, 2)
        path.write_bytes(changed.tobytes())
        try:
            load_dataset(path, splits="present", **REAL)
        except DataError as error:
            assert str(path) in str(error)


@pytest.mark.parametrize(("options", "message"), [
    ({"seq_len": 0}, "seq_len: 0, expected a number of bins from 1 up, or None"),
    ({"seq_len": 2.5}, "seq_len: 2.5, expected a number of bins"),
    ({"seq_len": True}, "seq_len: True, expected a number of bins"),
    ({"valid_share": 0.0}, "valid_share: 0.0, expected a share above 0 and below 1"),
    ({"valid_share": 1.0}, "valid_share: 1.0, expected a share above 0 and below 1"),
    ({"test_share": -0.1}, "test_share: -0.1, expected a share from 0 up that leaves something"),
    ({"valid_share": 0.5, "test_share": 0.5}, "test_share: 0.5, expected a share .* beside valid_share 0.5"),
    ({"inputs_path": "u.npy", "input_path": "v.npy"}, "inputs_path and input_path: expected one of them, got 'u.npy'"),
])  # fmt: skip
def test_options_out_of_range(tmp_path, options, message):
    with pytest.raises(ConfigError, match=message):
        load_dataset(save(tmp_path / "x.npy", numbered(20, 5, 3)), **REAL, **options)


@pytest.mark.parametrize("options", [{"seq_len": 5}, {"inputs_path": "u.npy"}, {"valid_share": 0.1}, {"test_share": 0}])
def test_options_go_with_npy_files_alone(options):
    (name,) = options
    with pytest.raises(
        ConfigError, match=rf"{name}: goes with a \.npy file, got x\.h5\. Other files hold their splits"
    ):
        load_dataset("x.h5", **options)


def test_inputs_of_several_files(tmp_path):
    paths = [save(tmp_path / f"{name}.npy", numbered(20, 5, 3)) for name in "ab"]
    with pytest.raises(ConfigError, match=r"inputs_path: goes with one \.npy file, got 2"):
        load_dataset(paths, inputs_path="u.npy", **REAL)


def test_an_npz_file_is_a_dict_of_arrays(tmp_path):
    arrays = small_arrays()
    path = tmp_path / "x.npz"
    np.savez_compressed(path, **arrays, bin_width_s=0.01, notes=np.array(["a"]))
    found, expected = load_dataset(path), load_dataset(arrays, bin_width_s=0.01)
    for split in ("train", "valid"):
        np.testing.assert_array_equal(found.splits[split].x, expected.splits[split].x)
        np.testing.assert_array_equal(found.splits[split].truth, expected.splits[split].truth)
    assert found.bin_width_s == 0.01 and found.ignored == ("notes",) and found.test is None
    assert found.source == str(path) and found.sha256 == sha256(path)
    (summary,) = inspect_data(path).sessions
    assert summary.problem is None and len(summary.arrays) == 4


def test_npz_files_that_are_refused(tmp_path):
    path = tmp_path / "x.npz"
    ragged = np.array([np.ones((2, 3)), np.ones((4, 3))], object)
    np.savez(path, train_data=ragged)
    with pytest.raises(DataError, match=r"x\.npz: train_data: holds Python objects \(shape \(2,\)\)"):
        load_dataset(path)
    np.savez(path, train_data=np.ones((2, 3, 4), complex))
    with pytest.raises(DataError, match=r"x\.npz: train_data: holds complex numbers"):
        load_dataset(path)
    np.savez(path, **small_arrays(), bin_width_s=[0.01, 0.02])
    with pytest.raises(DataError, match=r"bin_width_s: has shape \(2,\), expected one number"):
        load_dataset(path)
    np.savez(path, recording=np.ones((2, 3)))
    with pytest.raises(DataError, match=r"train_data: not in the file; .*not read: recording"):
        load_dataset(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"x\.npz: cannot be read as \.npz .*write it with numpy\.savez"):
        load_dataset(path)


def test_an_npz_file_that_claims_more_than_it_holds(tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.ones((2, 3, 4)))
    lie = buffer.getvalue().replace(b"(2, 3, 4), }", b"(2, 3,40), }")
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("train_data.npy", lie)
    with pytest.raises(
        DataError, match=r"x\.npz: train_data: its header promises shape \(2, 3, 40\), 1,920 bytes, but 192"
    ):
        load_dataset(tmp_path / "x.npz")


def test_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = run_section("Arrays of numpy")
    assert names["data"].train.x.shape == (80, 100, 3) and names["data"].test.ext_input.shape == (10, 100, 2)
    assert names["new"].test.x.shape == (100, 100, 3) and list(names["new"].splits) == ["test"]
