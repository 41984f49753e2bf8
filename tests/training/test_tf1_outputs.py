"""Names and parts of the files of run_lfads.py; what is in them stands in tests/cli/test_run_lfads_kinds.py."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from indl_vae.data import Dataset
from indl_vae.data.sessions import join_sessions
from indl_vae.data.split import Split
from indl_vae.errors import ConfigError
from indl_vae.importers.tf1_model_params import tf1_params_file
from indl_vae.training.tf1_outputs import (
    posterior_arrays,
    posterior_file,
    prior_file,
    session_name,
    sessions_of,
    write_posterior_runs,
)
from indl_vae.typing import SessionSpec


def test_file_names():
    assert posterior_file("r", "d1", "train", False).name == "model_runs_d1_train_posterior_sample_and_average"
    assert posterior_file("r", "d1", "valid", True, "s_").name == "s_d1_valid_posterior_push_mean"
    assert [prior_file("r").name, prior_file("r", "s_").name] == ["model_runs_prior_sample", "s_prior_sample"]
    assert [tf1_params_file("r").name, tf1_params_file("r", "s").name] == ["model_params", "s_model_params"]


@pytest.mark.parametrize(
    ("file", "asked", "name"),
    [
        ("d/stem_day1.h5", "d/stem", "day1"),
        ("d/stem_dataset_N50_S50", "d/stem", "dataset_N50_S50"),
        ("d/stem.h5", "d/stem", "stem"),
        ("d/stem.h5", "d/stem.h5", "stem"),
        ("d/a.b.hdf5", "elsewhere/x", "a.b"),
    ],
)
def test_session_names(file, asked, name):
    assert session_name(Path(file), Path(asked)) == name


def session(n_bins, n_channels):
    split = {"x": np.ones((2, n_bins, n_channels), "f4") * np.arange(n_channels)}
    return Dataset.from_arrays(split, split)


@pytest.mark.filterwarnings("ignore:.*constant channels")
def test_several_sessions_have_a_file_each_without_the_padding(tmp_path):
    """Two of three sessions, of 3 and 2 channels; the entries of the parameters tell chunk and channel."""
    places = (SessionSpec("a", 3), SessionSpec("b", 2), SessionSpec("c", 3))
    dataset = join_sessions({"a": session(4, 3), "b": session(1, 2)}, places)
    split = dataset.valid.take([2, 0, 3, 1])
    params = np.tile(np.array([0, 1, 2, 10, 11, 12]), (4, 4, 1))
    arrays = {"output_dist_params": params, "costs": np.arange(4.0)}
    found = dict(sessions_of(dataset, split, arrays, Path("x")))
    assert set(found) == {"a", "b"}
    assert found["a"]["output_dist_params"].shape == (2, 4, 6) and found["b"]["output_dist_params"].shape == (2, 1, 4)
    assert found["a"]["output_dist_params"][0, 0].tolist() == [0, 1, 2, 10, 11, 12]
    assert found["b"]["output_dist_params"][0, 0].tolist() == [0, 1, 10, 11]
    assert found["b"]["costs"].tolist() == [0, 2]
    files = write_posterior_runs(arrays, dataset, split, Path("x"), tmp_path / "new")
    assert [file.name for file in files] == [f"model_runs_{s}_valid_posterior_sample_and_average" for s in "ab"]
    with h5py.File(files[1]) as file:
        assert file["costs"][()].tolist() == [0, 2]


def test_other_families_have_no_such_files():
    run = SimpleNamespace(model=None, params=SimpleNamespace(family="dsae"))
    with pytest.raises(ConfigError, match="--tf1-outputs: expected a run of family lfads, got one of 'dsae'"):
        posterior_arrays(run, Split(name="x", x=np.zeros((1, 1, 1))), {"rates": np.zeros(1)}, 1)
