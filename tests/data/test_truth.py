from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import load_dataset
from indl_vae.errors import DataError
from tests.data.small_files import small_arrays, write_h5


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("key", ["{}_input_truth", "input_{}_truth"])
def test_true_inputs_are_no_true_rates(key):
    data = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
    arrays = {"train_data": data, "valid_data": data}
    arrays |= {key.format(split): np.zeros((2, 3, 1)) for split in ("train", "valid")}
    assert load_dataset(arrays).truth_note == "no truth in the data"


def test_conversion_factor_divides(tmp_path):
    arrays = small_arrays()
    arrays["conversion_factor"] = 100.0
    dataset = load_dataset(write_h5(tmp_path / "a.h5", arrays, bin_width_s=0.5))
    np.testing.assert_allclose(dataset.train.truth, 2.0)
    assert dataset.truth_note == "truth / conversion_factor 100"


def test_conversion_factor_as_array_of_one():
    np.testing.assert_allclose(load_dataset(small_arrays() | {"conversion_factor": [100.0]}).train.truth, 2.0)


def test_without_factor_truth_is_hz_and_the_argument_goes_first(tmp_path):
    path = write_h5(tmp_path / "a.h5", small_arrays(), bin_width_s=0.02)
    np.testing.assert_allclose(load_dataset(path).train.truth, 4.0)
    dataset = load_dataset(path, bin_width_s=0.01)
    np.testing.assert_allclose(dataset.train.truth, 2.0)
    assert dataset.bin_width_s == 0.01


def test_unknown_unit_leaves_truth_out(tmp_path):
    path = write_h5(tmp_path / "a.h5", small_arrays())
    with pytest.warns(UserWarning, match=r"a\.h5: truth is left out.*set bin_width_s"):
        dataset = load_dataset(path)
    assert dataset.train.truth is None and dataset.bin_width_s is None
    assert "truth is left out" in dataset.info()["truth"]


def test_no_truth_is_no_warning(recwarn):
    arrays = {key: value for key, value in small_arrays().items() if "truth" not in key}
    assert load_dataset(arrays).truth_note == "no truth in the data"
    assert not recwarn.list


@pytest.mark.parametrize("value", [0.0, -0.01, np.nan])
def test_bin_width_of_the_file_must_be_positive(tmp_path, value):
    path = write_h5(tmp_path / "a.h5", small_arrays(), bin_width_s=value)
    with pytest.raises(DataError, match=r"a\.h5: attribute bin_width_s: .*expected seconds above 0"):
        load_dataset(path)
    assert load_dataset(path, bin_width_s=0.01).bin_width_s == 0.01


@pytest.mark.parametrize("value", ["ten", [0.01, 0.02]])
def test_bin_width_of_the_file_must_be_a_number(tmp_path, value):
    path = write_h5(tmp_path / "a.h5", small_arrays(), bin_width_s=value)
    with pytest.raises(DataError, match="attribute bin_width_s: has type .*expected one number"):
        load_dataset(path)
