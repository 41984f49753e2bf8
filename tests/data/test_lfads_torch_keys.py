from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import load_dataset, write_dataset
from indl_vae.errors import DataError


def torch_arrays(seed: int = 0) -> dict:
    """Three held-out channels of seven and two held-out bins of six."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for split, n in (("train", 5), ("valid", 3)):
        recon = rng.poisson(2.0, (n, 6, 7)).astype(np.float32)
        arrays |= {f"{split}_recon_data": recon, f"{split}_encod_data": recon[:, :4, :4]}
    return arrays


def test_reads_recon_and_counts_what_is_held_out():
    arrays = torch_arrays()
    dataset = load_dataset(arrays)
    np.testing.assert_array_equal(dataset.train.x, arrays["train_recon_data"])
    assert (dataset.heldout_channels, dataset.heldout_bins) == (3, 2)
    assert dataset.info()["heldout_channels"] == 3
    assert dataset.train.mask is None


def test_hidden_test_set_is_widened_with_a_mask():
    arrays = torch_arrays()
    arrays["test_encod_data"] = np.ones((2, 4, 4))
    dataset = load_dataset(arrays)
    assert dataset.test.x.shape == (2, 6, 7)
    assert (dataset.test.mask[:, :4, :4] == 1).all() and dataset.test.mask.sum() == 2 * 16
    assert (dataset.train.mask == 1).all()


def test_encoder_array_alone_is_the_data():
    rng = np.random.default_rng(0)
    arrays = {f"{split}_encod_data": rng.poisson(2.0, (3, 4, 5)) for split in ("train", "valid")}
    assert load_dataset(arrays).train.x.shape == (3, 4, 5)


def test_differing_block_warns():
    arrays = torch_arrays()
    arrays["train_encod_data"] = arrays["train_encod_data"] + 1
    with pytest.warns(UserWarning, match="train_encod_data: differs from the leading block of train_recon_data"):
        load_dataset(arrays)


@pytest.mark.parametrize(("shape", "message"), [
    ((5, 7, 4), r"has shape \(5, 7, 4\), larger than train_recon_data"),
    ((4, 4, 4), r"train_encod_data: has shape \(4, 4, 4\), expected \(5, 4, 4\)"),
])  # fmt: skip
def test_encoder_array_must_fit(shape, message):
    with pytest.raises(DataError, match=message):
        load_dataset(torch_arrays() | {"train_encod_data": np.zeros(shape)})


def test_survives_a_round_trip(tmp_path):
    dataset = load_dataset(torch_arrays())
    again = load_dataset(write_dataset(dataset, tmp_path / "a.h5"))
    assert (again.heldout_channels, again.heldout_bins) == (3, 2)
    np.testing.assert_array_equal(again.train.x, dataset.train.x)
