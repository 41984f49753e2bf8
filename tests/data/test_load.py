from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from indl_vae.data import load_dataset, load_for
from indl_vae.errors import ConfigError, DataError
from tests.data.small_files import small_arrays, write_h5


def test_reads_splits_units_and_checksum(tmp_path):
    arrays = small_arrays()
    path = write_h5(tmp_path / "a.h5", arrays, bin_width_s=0.01)
    dataset = load_dataset(path)
    np.testing.assert_array_equal(dataset.train.x, arrays["train_data"])
    np.testing.assert_allclose(dataset.valid.truth, 2.0)
    assert dataset.test is None
    assert dataset.bin_width_s == 0.01
    assert dataset.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert dataset.spec.to_dict() == {
        "n_channels": 4,
        "n_bins": 5,
        "ext_input_dim": 0,
        "bin_width_s": 0.01,
        "sessions": (),
        "n_sequences": 6,
        "region_sizes": (),
        "n_identities": 0,
    }
    assert (dataset.train.n_trials, dataset.train.n_bins, dataset.train.n_channels) == (6, 5, 4)


def test_reads_every_field(tmp_path):
    arrays = small_arrays()
    rng = np.random.default_rng(1)
    for split, n in (("train", 6), ("valid", 3), ("test", 2)):
        arrays[f"{split}_data"] = rng.poisson(2.0, (n, 5, 4))
        arrays[f"{split}_ext_input"] = rng.normal(size=(n, 5, 2))
        arrays[f"{split}_condition"] = np.arange(n)
        arrays[f"{split}_behavior"] = rng.normal(size=(n, 5))
        arrays[f"{split}_sequence_id"] = np.arange(n)
        arrays[f"{split}_static_label"] = np.arange(n)
        arrays[f"{split}_dynamic_label"] = np.zeros((n, 5))
    arrays["train_inds"], arrays["valid_inds"], arrays["test_inds"] = (
        np.arange(6),
        np.arange(6, 9),
        np.array([9.0, 10.0]),
    )
    arrays |= {"region_sizes": [3, 1], "alignment_matrix_cxf": np.ones((4, 2)), "alignment_bias_c": np.zeros(4)}
    dataset = load_dataset(write_h5(tmp_path / "a.h5", arrays, bin_width_s=0.01))
    assert dataset.train.ext_input.shape == (6, 5, 2)
    assert dataset.train.behavior.shape == (6, 5, 1)
    assert dataset.test.inds.tolist() == [9, 10] and dataset.test.inds.dtype == np.int64
    assert set(dataset.train.extras) == {"sequence_id", "static_label", "dynamic_label"}
    assert dataset.train.extras["dynamic_label"].shape == (6, 5, 1)
    assert dataset.region_sizes == (3, 1)
    assert set(dataset.alignment) == {"alignment_matrix_cxf", "alignment_bias_c"}
    assert dataset.spec.ext_input_dim == 2
    assert dataset.info()["splits"]["test"]["also"] == [
        "ext_input",
        "condition",
        "behavior",
        *sorted(dataset.test.extras),
    ]


@pytest.mark.parametrize("change", [
    lambda a: a.astype(np.float64), lambda a: a.astype(np.int64), lambda a: a.astype(np.uint8), np.asfortranarray,
    lambda a: np.repeat(a, 2, axis=0)[::2], lambda a: a.astype(">i4"), lambda a: a.astype(np.float16),
])  # fmt: skip
def test_dtype_and_layout_do_not_matter(change):
    arrays = small_arrays()
    changed = arrays | {"train_data": change(arrays["train_data"])}
    x = load_dataset(changed, bin_width_s=0.01).train.x
    np.testing.assert_array_equal(x, arrays["train_data"])
    assert x.dtype == np.float32 and x.flags.c_contiguous


def test_bool_is_zero_and_one():
    spikes = np.random.default_rng(0).random((6, 5, 4)) < 0.5
    x = load_dataset({"train_data": spikes, "valid_data": spikes}).train.x
    np.testing.assert_array_equal(x, spikes.astype(np.float32))


def test_arrays_of_the_caller_stay_as_they_are():
    arrays = small_arrays()
    arrays["train_data"][0, 0, 0] = np.nan
    load_dataset(arrays, missing="mask", bin_width_s=0.01)
    assert np.isnan(arrays["train_data"][0, 0, 0])


def test_trials_without_numbers_are_numbered_on():
    dataset = load_dataset(small_arrays(), bin_width_s=0.01)
    assert dataset.train.inds.tolist() == list(range(6))
    assert dataset.valid.inds.tolist() == [6, 7, 8]


def test_splits_can_be_chosen(tmp_path):
    arrays = small_arrays()
    path = write_h5(tmp_path / "a.h5", {"test_data": arrays["train_data"], "train_data": np.ones((1, 1, 1)) / 2})
    dataset = load_dataset(path, splits="test")
    assert list(dataset.splits) == ["test"]
    with pytest.raises(DataError, match=r"valid_data: not in the file; found .*train_data"):
        load_dataset(path, likelihood="gaussian", splits=["valid", "train"])


def test_unknown_keys_are_ignored_and_listed(tmp_path):
    path = write_h5(tmp_path / "a.h5", small_arrays() | {"notes": np.zeros(2), "zeta": 1}, bin_width_s=0.01)
    assert load_dataset(path).ignored == ("notes", "zeta")


def test_older_key_of_conditions_is_read():
    dataset = load_dataset(small_arrays() | {"condition_labels_train": np.arange(6)}, bin_width_s=0.01)
    assert dataset.train.condition.tolist() == list(range(6))


@pytest.mark.parametrize(("options", "message"), [
    ({"missing": "drop"}, "missing: 'drop', expected 'error'"),
    ({"bin_width_s": -1.0}, "bin_width_s: -1.0, expected seconds above 0"),
    ({"splits": ["trial"]}, "splits: 'trial', expected some of train"),
    ({"splits": []}, "splits: an empty list"),
])  # fmt: skip
def test_arguments_out_of_range(options, message):
    with pytest.raises(ConfigError, match=message):
        load_dataset(small_arrays(), **options)


def test_splits_of_other_length_leave_the_bins_open():
    arrays = small_arrays() | {"valid_data": small_arrays(n_bins=7)["valid_data"]}
    del arrays["valid_truth"]
    assert load_dataset(arrays, bin_width_s=0.01).spec.n_bins is None


def test_lorenz_tutorial_file(data_folder):
    path = data_folder / "lfads_lorenz" / "lfads_lorenz.h5"
    dataset = load_dataset(path, bin_width_s=0.01)
    assert dataset.train.x.shape == (640, 100, 60) and dataset.valid.x.shape == (160, 100, 60)
    assert dataset.train.x.mean() == pytest.approx(0.018315, abs=1e-6)
    assert dataset.train.truth.mean() == pytest.approx(0.01837, abs=1e-5)
    assert dataset.valid.extras["latent"].shape == (160, 100, 3)
    inds = np.concatenate([dataset.train.inds, dataset.valid.inds])
    assert sorted(inds.tolist()) == list(range(800))
    with pytest.warns(UserWarning, match="truth is left out: neither conversion_factor nor bin width"):
        assert load_dataset(path).valid.truth is None


def test_no_tensorflow_is_loaded():
    code = (
        "import sys, numpy as np, indl_vae.data, indl_vae.data.synthetic, indl_vae.analysis.metrics as m;"
        "indl_vae.data.load_dataset({'train_data': np.eye(4)[None], 'valid_data': np.eye(4)[None]});"
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_load_for_reads_as_a_model_s_settings_say(tmp_path):
    arrays = small_arrays()
    arrays["train_data"][0, 0, 0] = np.nan
    arrays["train_data"][1, 0, 0] = 0.5
    path = write_h5(tmp_path / "a.h5", arrays)
    settings = {"likelihood": "gaussian", "missing": "mask", "bin_width_s": 0.02, "seed": 3}
    dataset = load_for(settings, path)
    assert dataset.bin_width_s == 0.02 and dataset.train.mask[0, 0, 0] == 0
    with pytest.raises(DataError, match="NaN at trial 0, bin 0, channel 0"):
        load_for({**settings, "missing": "error"}, path)
