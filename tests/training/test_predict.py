"""New data in one call: every form they may come in gives the same numbers."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from indl_vae.data import Dataset, write_dataset
from indl_vae.errors import DataError
from indl_vae.models import build_model
from indl_vae.training import Run
from tests.training.tiny import tiny_dataset, tiny_params

OPTIONS = {"samples": 2, "seed": 3}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    params = tiny_params()
    params.to_yaml(folder / "params.yaml")
    build_model(params, tiny_dataset()).save(folder / "best.keras")
    return Run(folder)


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(3).poisson(1.0, (4, 9, 5)).astype("f4")


@pytest.fixture(scope="module")
def expected(run, x):
    return run.model.posterior(x, **OPTIONS)


def assert_same(ours, theirs):
    assert set(ours) - {"inds"} == set(theirs)
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[name], value, rtol=1e-6, err_msg=name)


def test_arrays_dicts_lists_and_splits(run, x, expected):
    dataset = Dataset.from_arrays(x, x)
    for data in (x, {"x": x.astype(int)}, list(x), dataset.train):
        found = run.predict(data, **OPTIONS)
        assert_same(found, expected)
        assert found["inds"].tolist() == [0, 1, 2, 3]


def test_datasets_and_files_by_split(run, x, expected, tmp_path):
    numbers = np.array([7, 8, 9, 11])
    dataset = Dataset.from_arrays(x[:2], x[2:])
    assert {name: len(part["rates"]) for name, part in run.predict(dataset, push_mean=True).items()} == {
        "train": 2, "valid": 2,
    }  # fmt: skip
    path = write_dataset({"test_data": x, "test_inds": numbers}, tmp_path / "new.h5")
    found = run.predict(path, **OPTIONS)
    assert list(found) == ["test"] and found["test"]["inds"].tolist() == numbers.tolist()
    assert_same(found["test"], expected)


def test_trials_of_any_length_are_cut_back(run, x):
    trials = [x[0], x[1, :5], x[2, :7]]
    padded, found = run.predict(trials, push_mean=True), run.predict(trials, push_mean=True, cut=True)
    assert found["lengths"].tolist() == [9, 5, 7]
    for name in ("rates", "factors", "gen_states", "controller_outputs", "con_states", "z_loc", "z_scale"):
        assert [len(trial) for trial in found[name]] == [9, 5, 7], name
        np.testing.assert_array_equal(found[name][1], padded[name][1, :5])
    assert found["f_loc"].shape == (3, 3) and found["gen_init"].shape == (3, 6)
    alone = run.predict(x[1:2, :5], push_mean=True)["rates"][0]
    np.testing.assert_allclose(found["rates"][1], alone, rtol=1e-5)
    assert [len(trial) for trial in run.predict(x, push_mean=True, cut=True)["rates"]] == [9] * 4


def test_other_channels_are_refused(run, x, tmp_path):
    path = write_dataset({"test_data": x[..., :4]}, tmp_path / "four.h5")
    for data in (x[..., :4], list(x[..., :4]), path, Dataset.from_arrays(x[..., :4]).train):
        with pytest.raises(DataError, match="has 4 channels, but the model was trained on 5"):
            run.predict(data)


def test_a_file_without_trials_is_refused(run, tmp_path):
    path = tmp_path / "none.h5"
    with h5py.File(path, "w") as file:
        file["other"] = np.zeros(3)
    with pytest.raises(DataError, match="none.h5: holds none of train_data, valid_data and test_data"):
        run.predict(str(path))


def test_counts_that_cannot_be_are_refused(run, x):
    with pytest.raises(DataError, match="memory"):
        run.predict(x + 0.5)
    with pytest.raises(DataError, match="memory"):
        run.predict(x[0])
