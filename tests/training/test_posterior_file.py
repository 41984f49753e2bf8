"""The posterior file: names, attributes, refusal of what cannot be right."""

from __future__ import annotations

import math

import h5py
import numpy as np
import pytest

from indl_vae.errors import DataError
from indl_vae.training.posterior_file import write_posterior


def arrays(n_trials: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "rates": rng.random((n_trials, 4, 2)).astype(np.float32),
        "f_loc": rng.random((n_trials, 5)).astype(np.float32),
        "controller_outputs": np.zeros((n_trials, 4, 0), np.float32),
        "inds": np.arange(n_trials),
    }


def test_names_values_and_attributes(tmp_path):
    train, valid = arrays(), arrays(2)
    path = write_posterior(tmp_path / "new" / "p.h5", {"train": train, "valid": valid}, bin_width_s=0.02, samples=50)
    with h5py.File(path) as file:
        assert set(file) == {f"{split}_{name}" for split in ("train", "valid") for name in train}
        assert dict(file.attrs) == {"bin_width_s": 0.02, "samples": 50}
        for name, value in valid.items():
            np.testing.assert_array_equal(file[f"valid_{name}"], value)
        assert file["train_rates"].fletcher32


def test_unknown_bin_width_is_nan(tmp_path):
    path = write_posterior(tmp_path / "p.h5", {"valid": arrays()}, bin_width_s=None, samples=0)
    with h5py.File(path) as file:
        assert math.isnan(file.attrs["bin_width_s"]) and file.attrs["samples"] == 0


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("factors", np.zeros((2, 4, 2)), r"valid_factors: has shape \(2, 4, 2\), expected 3 trials first"),
        ("f_loc", np.float32(1), r"valid_f_loc: has shape \(\), expected 3 trials first"),
        (
            "rates",
            np.where(np.arange(3)[:, None, None] == 1, np.nan, np.ones((3, 4, 2))),
            "NaN or infinity, first in trial 1",
        ),
    ],
)
def test_what_is_refused(tmp_path, name, value, message):
    path = tmp_path / "p.h5"
    path.write_bytes(b"the old file")
    with pytest.raises(DataError, match=message):
        write_posterior(path, {"valid": {**arrays(), name: value}}, bin_width_s=None, samples=1)
    assert path.read_bytes() == b"the old file"


def test_a_folder_in_the_way(tmp_path):
    with pytest.raises(DataError, match="cannot be written"):
        write_posterior(tmp_path, {"valid": arrays()}, bin_width_s=None, samples=1)
    assert list(tmp_path.parent.glob(f".{tmp_path.name}*.tmp")) == []
