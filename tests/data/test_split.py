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


def test_take_cuts_everything_that_belongs_to_a_trial():
    rng = np.random.default_rng(0)
    extras = {"latent": rng.random((6, 5, 2)), "static_label": np.arange(6)}
    split = Split(
        "valid",
        *(rng.random((6, 5, 4)) for _ in range(3)),
        ext_input=rng.random((6, 5, 1)),
        condition=np.arange(6) * 10,
        behavior=rng.random((6, 5, 2)),
        inds=np.arange(6) + 100,
        lengths=np.arange(6),
        extras=extras,
    )
    rows = [4, 1, 1]
    taken = split.take(rows)
    for name in ("x", "mask", "truth", "ext_input", "condition", "behavior", "inds", "lengths"):
        np.testing.assert_array_equal(getattr(taken, name), getattr(split, name)[rows], err_msg=name)
    for name, value in extras.items():
        np.testing.assert_array_equal(taken.extras[name], value[rows], err_msg=name)
    assert (taken.name, taken.n_trials) == ("valid", 3)


@pytest.mark.parametrize(
    ("indices", "expected"),
    [(slice(0, 32), [0, 1, 2]), (slice(None, None, -1), [2, 1, 0]), (np.array([True, False, True]), [0, 2]), (-1, [2])],
)
def test_take_by_slice_mask_and_position(indices, expected):
    taken = Split("train", np.zeros((3, 1, 1), np.float32)).take(indices)
    assert taken.inds.tolist() == expected
    assert taken.mask is None and taken.extras == {}


def test_take_beyond_the_end():
    with pytest.raises(IndexError, match="out of bounds"):
        Split("train", np.zeros((3, 1, 1), np.float32)).take([3])
