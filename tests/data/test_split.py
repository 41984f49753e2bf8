from __future__ import annotations

import json

import numpy as np
import pytest

from indl_vae.data import Split, load_dataset
from tests.data.small_files import small_arrays


def test_batch_holds_what_there_is():
    split = load_dataset(small_arrays(), bin_width_s=0.01).train
    batch = split.batch([1, 4])
    assert set(batch) == {"x", "truth"}
    np.testing.assert_array_equal(batch["x"], split.x[[1, 4]])
    assert split.batch()["x"].shape == (6, 5, 4)


def test_trials_are_numbered_by_default():
    assert Split("valid", np.zeros((3, 1, 1), np.float32)).inds.tolist() == [0, 1, 2]


@pytest.mark.filterwarnings("ignore:.*nothing is observed")
def test_info_is_plain_json():
    arrays = small_arrays() | {"train_mask": np.ones((6, 5, 4))}
    arrays["train_mask"][0] = 0
    arrays["train_data"][1:] = 3
    arrays["train_data"][1, 0] = 1
    dataset = load_dataset(arrays | {"train_length": np.full(6, 5)}, bin_width_s=0.01)
    info = json.loads(json.dumps(dataset.info(), allow_nan=False))
    assert info["splits"]["train"]["observed_share"] == 5 / 6
    assert abs(info["splits"]["train"]["mean_per_bin"] - (96 * 3 + 4 * 1) / 100) < 1e-6
    assert info["sha256"] == dataset.sha256 and info["bin_width_s"] == 0.01
