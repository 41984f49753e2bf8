"""Splits put together again: every trial once, in its place."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indl_vae.analysis.merge_splits import merge_splits
from indl_vae.errors import DataError


def split_up(order, n_train: int) -> dict[str, np.ndarray]:
    """A posterior file's datasets; the entries of an array are the trial's number."""
    inds = {"train": np.asarray(order[:n_train]), "valid": np.asarray(order[n_train:])}
    rates = {f"{name}_rates": np.tile(i[:, None, None], (1, 2, 3)) for name, i in inds.items()}
    return {**{f"{name}_inds": i for name, i in inds.items()}, **rates}


@given(order=st.permutations(range(9)), n_train=st.integers(0, 9))
def test_every_trial_is_in_its_place(order, n_train):
    merged = merge_splits(split_up(order, n_train))
    np.testing.assert_array_equal(merged["inds"], np.arange(9))
    np.testing.assert_array_equal(merged["rates"][:, 0, 0], np.arange(9))
    assert set(np.asarray(order)[:n_train]) == set(np.flatnonzero(merged["split"] == "train"))


def test_numbers_may_have_gaps_and_arrays_of_one_split_are_left_out():
    arrays = {"valid_inds": np.array([9, 2]), "valid_rates": np.array([90, 20]), "valid_factors": np.zeros((2, 1))}
    arrays |= {"test_inds": np.array([5]), "test_rates": np.array([50])}
    merged = merge_splits(arrays)
    assert set(merged) == {"rates", "inds", "split"}
    assert merged["rates"].tolist() == [20, 50, 90] and merged["split"].tolist() == ["valid", "test", "valid"]


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / "p.h5", "w") as file:
        for name, value in split_up([2, 0, 1], 2).items():
            file[name] = value
    return tmp_path / "p.h5"


def test_files(path, tmp_path):
    assert merge_splits(path)["rates"][:, 0, 0].tolist() == [0, 1, 2]
    with h5py.File(tmp_path / "s.h5", "w") as file:
        for name, value in split_up([1, 0], 1).items():
            file[f"day1/{name}"] = value
    assert merge_splits(tmp_path / "s.h5", session="day1")["inds"].tolist() == [0, 1]
    with pytest.raises(DataError, match="session is None, expected one of day1"):
        merge_splits(tmp_path / "s.h5")
    with pytest.raises(DataError, match="session is 'day2', expected one of day1"):
        merge_splits(tmp_path / "s.h5", session="day2")
    with pytest.raises(DataError, match="session is 'day1', expected None: the file is of one session"):
        merge_splits(path, session="day1")
    (tmp_path / "t").write_text("no")
    with pytest.raises(DataError, match="t: cannot be read .*expected a complete HDF5 file"):
        merge_splits(tmp_path / "t")


def test_a_link_to_another_file_is_not_followed(path, tmp_path):
    with h5py.File(tmp_path / "s.h5", "w") as file:
        file["day1"] = h5py.ExternalLink(str(path), "/")
    with pytest.raises(DataError, match="is a link to another file"):
        merge_splits(tmp_path / "s.h5", session="day1")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"train_rates": np.zeros(2)}, "expected the numbers of the trials .train_inds, valid_inds, test_inds., found"),
        ({"train_inds": np.arange(2), "valid_inds": np.arange(1)}, "trial 0 stands in it 2 times; the numbers"),
        (
            {
                "train_inds": np.array([0]), "valid_inds": np.array([1]),
                "train_rates": np.zeros((1, 2)), "valid_rates": np.zeros((1, 3)),
            },
            r"rates: splits have different shapes \(train \(1, 2\), valid \(1, 3\)\)",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_merged(arrays, message):
    with pytest.raises(DataError, match=message):
        merge_splits(arrays)
