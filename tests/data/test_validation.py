from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import Dataset, load_dataset, load_for
from indl_vae.errors import ConfigError, DataError
from tests.data.small_files import small_arrays, write_h5


def changed(key: str, where: tuple, value: float) -> dict:
    arrays = small_arrays()
    arrays[key][where] = value
    return arrays


BAD_VALUES = [
    ("poisson", np.nan, r"a\.h5: train_data: NaN at trial 2, bin 1, channel 3; set missing='mask'"),
    ("gaussian", np.nan, r"NaN at trial 2, bin 1, channel 3"),
    ("gaussian", np.inf, r"infinite value at trial 2, bin 1, channel 3"),
    ("gaussian", -np.inf, r"infinite value at trial 2, bin 1, channel 3"),
    ("poisson", -1.0, r"negative value -1 at trial 2, bin 1, channel 3, .*likelihood='gaussian'"),
    ("negative_binomial", -1.0, r"negative value"),
    ("gamma", -0.5, r"negative value -0.5"),
    ("poisson", 0.5, r"non-integer value 0.5 at trial 2, bin 1, channel 3, expected spike counts"),
    ("Negative_Binomial", 0.5, r"non-integer"),
    ("bernoulli", 2.0, r"value .*expected 0 or 1"),
    ("ordinal", -1.0, r"negative value -1 at trial 2, bin 1, channel 3, expected none under likelihood 'ordinal'"),
    ("ordinal", 0.5, r"train_data: non-integer value 0.5 at trial 2, bin 1, channel 3, expected whole levels"),
    ("Categorical", 1.5, r"non-integer value 1.5 .*choose another likelihood than 'categorical'"),
]


@pytest.mark.parametrize(("likelihood", "value", "message"), BAD_VALUES)
def test_impossible_values(tmp_path, likelihood, value, message):
    path = write_h5(tmp_path / "a.h5", changed("train_data", (2, 1, 3), value), bin_width_s=0.01)
    with pytest.raises(DataError, match=message):
        load_dataset(path, likelihood=likelihood)


@pytest.mark.parametrize("likelihood", ["ordinal", "categorical"])
def test_levels_below_their_number(tmp_path, likelihood):
    arrays = small_arrays()
    for split in ("train_data", "valid_data"):
        arrays[split] = np.minimum(arrays[split], 2)
    arrays["train_data"][2, 1, 3] = 2
    path = write_h5(tmp_path / "a.h5", arrays, bin_width_s=0.01)
    for n_levels in (None, 3):
        assert load_dataset(path, likelihood=likelihood, n_levels=n_levels).train.x.max() == 2.0
    arrays["train_data"][2, 1, 3] = 3
    path = write_h5(tmp_path / "b.h5", arrays, bin_width_s=0.01)
    message = r"b\.h5: train_data: value 3 at trial 2, bin 1, channel 3, expected levels 0 to 2, as n_levels = 3; set"
    with pytest.raises(DataError, match=message):
        load_dataset(path, likelihood=likelihood, n_levels=3)
    settings = {"likelihood": likelihood, "missing": "error", "bin_width_s": None, "n_levels": 3}
    with pytest.raises(DataError, match=message):
        load_for(settings, path)
    with pytest.raises(DataError, match="memory: train_data: value 3 at trial 2, bin 1, channel 3"):
        Dataset.from_arrays(train=arrays["train_data"], likelihood=likelihood, n_levels=3)
    assert load_dataset(path, likelihood="poisson", n_levels=3).train.x.max() == 3.0, "counts have no levels"


def test_missing_entries_are_no_levels():
    x = np.arange(12.0).reshape(2, 3, 2) % 3 % 2
    x[0, 0, 0] = np.nan
    assert Dataset.from_arrays(x, likelihood="ordinal", n_levels=2, missing="mask").train.x[0, 0, 0] == 0.0


def test_one_level_is_none():
    with pytest.raises(ConfigError, match="n_levels: 1, expected at least 2, or None"):
        load_dataset(small_arrays(), likelihood="ordinal", n_levels=1)


def test_number_too_large_for_float32_is_infinite():
    arrays = small_arrays()
    arrays["train_data"] = arrays["train_data"].astype(np.float64)
    arrays["train_data"][0, 0, 0] = 1e300
    with pytest.raises(DataError, match="infinite value at trial 0, bin 0, channel 0"):
        load_dataset(arrays, bin_width_s=0.01)


def test_several_bad_entries_are_counted():
    arrays = small_arrays()
    arrays["valid_data"][:, 0, 1] = np.nan
    with pytest.raises(DataError, match=r"memory: valid_data: NaN at trial 0, bin 0, channel 1 \(and 2 more\)"):
        load_dataset(arrays, bin_width_s=0.01)


@pytest.mark.parametrize("value", [0.5, -3.0])
def test_gaussian_takes_any_number(value):
    assert (
        load_dataset(changed("train_data", (0, 0, 0), value), likelihood="gaussian", bin_width_s=0.01).train.x[0, 0, 0]
        == value
    )


MASK = np.ones((6, 5, 4))
WRONG = [
    ({"train_data": np.zeros((5, 4))}, r"train_data: has shape \(5, 4\), expected \(trials, bins, channels\)"),
    ({"valid_data": np.zeros((3, 5, 7)), "valid_truth": np.zeros((3, 5, 7))}, "valid has 7 channels, train has 4"),
    ({"train_data": np.zeros((6, 0, 4))}, "no bins"),
    ({"train_data": np.zeros((0, 5, 4))}, "no trials"),
    ({"train_data": np.zeros((6, 5, 0))}, "no channels"),
    ({"train_length": [5, 5, 5, 5, 5, 6]}, "train_length: length 6 at trial 5, expected 1 to 5"),
    ({"train_length": [0, 5, 5, 5, 5, 5]}, "length 0 at trial 0"),
    ({"train_length": [2.5, 5, 5, 5, 5, 5]}, "train_length: value 2.5 at trial 0, expected whole numbers"),
    ({"train_length": [5, 5]}, r"train_length: has shape \(2,\), expected \(6,\)"),
    ({"train_mask": MASK * 0.5}, r"train_mask: value 0.5 at trial 0, bin 0, channel 0 \(and 119 more\), expected 1"),
    ({"train_mask": MASK * np.nan}, "train_mask: value nan"),
    ({"train_mask": MASK[:, :, :2]}, r"train_mask: has shape \(6, 5, 2\), expected \(6, 5, 4\)"),
    ({"train_mask": MASK[:, :4, 0]}, r"train_mask: has shape \(6, 4\), expected \(6, 5\)"),
    ({"train_mask": MASK * 0}, "no entry is observed"),
    ({"train_truth": np.zeros((6, 4, 4))}, r"train_truth: has shape \(6, 4, 4\), expected \(6, 5, 4\)"),
    ({"train_truth": np.zeros((6, 4, 5))}, "bins and channels look swapped"),
    ({"train_truth": np.full((6, 5, 4), -1.0)}, "train_truth: negative value -0.01 at trial 0"),
    ({"train_truth": np.full((6, 5, 4), np.nan)}, "train_truth: NaN at trial 0, bin 0, channel 0 .*remove the key"),
    ({"train_ext_input": np.zeros((6, 5, 2))}, "valid_ext_input has 0 dims, train_ext_input has 2"),
    ({"train_ext_input": np.full((6, 5, 2), np.nan)}, "train_ext_input: NaN at trial 0.*fill the gaps"),
    ({"train_ext_input": np.zeros((6, 4, 2))}, "train_ext_input: has shape"),
    ({"train_condition": np.zeros(5)}, "train_condition: has shape"),
    ({"train_inds": [0, 1, 2, 3, 4, 4]}, "train_inds: trial number 4 occurs twice"),
    ({"train_inds": [-1, 1, 2, 3, 4, 5]}, "train_inds: value -1 at trial 0"),
    ({"train_inds": np.full(6, 2**63, np.uint64)}, "train_inds: value 9223372036854775808"),
    ({"region_sizes": [2, 1]}, r"region_sizes: \[2, 1\], expected positive sizes that sum to 4"),
    ({"alignment_matrix_cxf": np.zeros((3, 2))}, "alignment_matrix_cxf: has shape"),
    ({"readout_bias": np.full(4, np.inf)}, "readout_bias: an infinite value"),
    ({"conversion_factor": 0.0}, "conversion_factor: has shape .* value 0, expected one positive number"),
    ({"conversion_factor": [1.0, 2.0]}, "conversion_factor"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_wrong_shapes_and_values(tmp_path, wrong, message):
    path = write_h5(tmp_path / "a.h5", small_arrays() | wrong, bin_width_s=0.01)
    with pytest.raises(DataError, match=message) as raised:
        load_dataset(path)
    assert "a.h5" in str(raised.value)


def test_missing_split_says_what_is_there(tmp_path):
    path = write_h5(tmp_path / "a.h5", {"train_data": np.ones((1, 2, 2)), "spikes": np.ones(2)})
    with pytest.raises(DataError, match=r"a\.h5: valid_data: not in the file; found train_data \(not read: spikes\)"):
        load_dataset(path)


def test_missing_mask_makes_zeros_and_mask():
    arrays = small_arrays()
    arrays["train_data"][1, 2, 3] = np.nan
    dataset = load_dataset(arrays, missing="mask", bin_width_s=0.01)
    assert dataset.train.x[1, 2, 3] == 0.0
    assert dataset.train.mask[1, 2, 3] == 0.0 and dataset.train.mask.sum() == 6 * 5 * 4 - 1
    # All splits have a mask where one has, so that every batch has the same keys.
    assert (dataset.valid.mask == 1.0).all()


def test_mask_and_lengths_hide_whatever_stands_there():
    arrays = small_arrays()
    arrays["train_data"][0, 3:] = np.nan
    arrays["train_data"][1, 0, 0] = 1e9 + 0.5
    arrays["train_length"] = [3, 5, 5, 5, 5, 5]
    arrays["train_mask"] = np.ones((6, 5, 4), bool)
    arrays["train_mask"][1, 0, 0] = False
    train = load_dataset(arrays, bin_width_s=0.01).train
    expected = np.ones((6, 5, 4))
    expected[0, 3:] = 0
    expected[1, 0, 0] = 0
    np.testing.assert_array_equal(train.mask, expected)
    assert (train.x[expected == 0] == 0).all()
    assert train.lengths.tolist() == [3, 5, 5, 5, 5, 5]


def test_mask_by_bins_counts_for_all_channels():
    mask = np.ones((6, 5))
    mask[2, 4] = 0
    train = load_dataset(small_arrays() | {"train_mask": mask}, bin_width_s=0.01).train
    np.testing.assert_array_equal(train.mask, np.repeat(mask[:, :, None], 4, axis=2))


def test_mask_of_ones_is_no_mask():
    assert load_dataset(small_arrays() | {"train_mask": MASK}, bin_width_s=0.01).train.mask is None


def test_truth_in_gaps_is_kept_or_filled():
    arrays = small_arrays() | {"train_mask": np.ones((6, 5, 4))}
    arrays["train_mask"][0, 0, :2] = 0
    arrays["train_truth"][0, 0, 0] = np.nan
    truth = load_dataset(arrays, bin_width_s=0.01).train.truth
    assert truth[0, 0, 0] == 0.0 and truth[0, 0, 1] == pytest.approx(2.0)


def test_ext_input_in_the_padding_does_not_count():
    arrays = small_arrays() | {f"{s}_ext_input": np.full((n, 5, 1), np.nan) for s, n in (("train", 6), ("valid", 3))}
    arrays |= {"train_length": np.full(6, 2), "valid_length": np.full(3, 2)}
    for split in ("train", "valid"):
        arrays[f"{split}_ext_input"][:, :2] = 7.0
    ext_input = load_dataset(arrays, bin_width_s=0.01).train.ext_input
    assert (ext_input[:, :2] == 7.0).all() and (ext_input[:, 2:] == 0.0).all()


def test_trial_without_observation_warns():
    mask = np.ones((6, 5))
    mask[4] = 0
    with pytest.warns(UserWarning, match="nothing is observed at trial 4"):
        load_dataset(small_arrays() | {"train_mask": mask}, bin_width_s=0.01)


@pytest.mark.filterwarnings("ignore:.*constant channels")
def test_smallest_data_load():
    dataset = load_dataset({"train_data": np.ones((1, 1, 1)), "valid_data": np.ones((1, 1, 1))})
    assert dataset.spec.n_bins == 1
