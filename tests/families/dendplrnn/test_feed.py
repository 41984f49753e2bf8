"""What dendPLRNN is trained on: windows that start anywhere, as a function of seed and epoch."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.data import Dataset
from indl_vae.models import build_model


def made(x, **options):
    data = Dataset.from_arrays({"x": x}, {"x": x[:1]}, likelihood="gaussian")
    params = make_params("dendplrnn", z_latent_size=2, n_bases=2, jit_compile=False, **options)
    return data, params, build_model(params, data)


def batches_of(data, params, model, epoch=0):
    batches = model.feed.training_batches(data.train, params)
    batches.clock.assign(epoch)
    return [{key: value.numpy() for key, value in batch.items()} for batch in batches]


def numbered(n_trials=3, n_bins=40):
    """Every entry tells its trial and its bin."""
    return (1000.0 * np.arange(n_trials)[:, None] + np.arange(n_bins))[..., None].astype("f4")


def test_windows_are_pieces_of_their_trials_and_start_anew_each_epoch():
    data, params, model = made(numbered(), seq_len=7, batch_size=4)
    first, again, later = (batches_of(data, params, model, epoch) for epoch in (0, 0, 1))
    assert len(first) == 3 * (40 // 7) // 4
    for batch in first:
        assert batch["x"].shape == (4, 7, 1)
        np.testing.assert_array_equal(np.diff(batch["x"][..., 0], axis=1), 1.0)
        np.testing.assert_array_equal(batch["x"][:, 0, 0] // 1000, batch["sequence"])
    assert all(np.array_equal(a["x"], b["x"]) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a["x"], b["x"]) for a, b in zip(first, later, strict=True))


@pytest.mark.parametrize("count", [1, 9])
def test_an_epoch_has_as_many_batches_as_are_asked_for(count):
    data, params, model = made(numbered(), seq_len=20, batch_size=4, batches_per_epoch=count)
    assert len(batches_of(data, params, model)) == count


def test_without_a_length_whole_trials_are_taken_once_each():
    data, params, model = made(numbered(5), batch_size=5)
    (batch,) = batches_of(data, params, model)
    assert sorted(batch["sequence"]) == [0, 1, 2, 3, 4] and batch["x"].shape == (5, 40, 1)


def test_a_batch_is_never_larger_than_what_there_is():
    data, params, model = made(numbered(2), batch_size=64)
    (batch,) = batches_of(data, params, model)
    assert batch["x"].shape == (2, 40, 1)


def test_short_trials_come_whole_with_a_mask():
    trials = [np.ones((n, 1), "f4") for n in (12, 4, 9)]
    data, params, model = made(trials, seq_len=6, batch_size=4)
    for batch in batches_of(data, params, model):
        lengths = batch["mask"][..., 0].sum(1)
        assert set(lengths) <= {4.0, 6.0} and batch["x"].shape == (4, 6, 1)
