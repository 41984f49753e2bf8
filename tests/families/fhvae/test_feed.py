"""Training on segments: of all sequences, or of some that every pass draws anew."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.data import Dataset
from indl_vae.families.fhvae.sequence_pass import estimate_means
from indl_vae.models import build_model

SIZES = {
    "f_units": [4], "f_latent_size": 2, "z1_units": 4, "z2_units": 0, "z_latent_size": 2, "decoder_units": [5],
    "segment_length": 4, "segment_shift": 2, "n_factors": 3, "jit_compile": False, "batch_size": 6,
}  # fmt: skip
LENGTHS = (12, 12, 5, 12, 3, 12, 8, 12, 12, 12)


def dataset(n_sequences: int = 5, times: int = 2) -> Dataset:
    """Trials of several lengths, two of each sequence."""
    rng = np.random.default_rng(0)
    n = n_sequences * times
    trials = [rng.poisson(1.0, (LENGTHS[i % len(LENGTHS)], 3)).astype("f4") for i in range(n)]
    ids = np.arange(n) // times + 100
    return Dataset.from_arrays({"x": trials, "sequence_id": ids}, {"x": trials[:4], "sequence_id": ids[:4]})


def made(data: Dataset, **changes):
    params = make_params("fhvae_simple", SIZES, **changes)
    return params, build_model(params, data)


def batches_of(feed, data, params, epoch=0):
    batches = feed.training_batches(data.train, params)
    batches.clock.assign(epoch)
    return [{key: value.numpy() for key, value in batch.items()} for batch in batches]


def test_every_epoch_has_as_many_segments_of_each_trial_starting_anew():
    data = dataset()
    params, model = made(data)
    assert model.feed.callbacks(data.train) == []
    counts = np.maximum(data.train.lengths - 4, 0) // 2 + 1
    np.testing.assert_array_equal(model.core.get_layer("sequence_means").sizes, counts.reshape(5, 2).sum(1))
    first, again, later = (batches_of(model.feed, data, params, epoch) for epoch in (0, 0, 1))
    assert len(first) == counts.sum() // 6 == len(model.feed.training_batches(data.train, params))
    assert {batch["x"].shape for batch in first} == {(6, 4, 3)}
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one["x"], same["x"])
    assert any(not np.array_equal(one["x"], other["x"]) for one, other in zip(first, later, strict=True))


def test_regular_segments_are_cut_in_another_order_each_epoch():
    data = dataset()
    params, model = made(data, random_segments=False, batch_size=1)
    first, later = (
        np.concatenate([batch["x"] for batch in batches_of(model.feed, data, params, epoch)]) for epoch in (0, 1)
    )
    order = lambda segments: sorted(segment.tobytes() for segment in segments)  # noqa: E731
    assert order(first) == order(later) and not np.array_equal(first, later)


def test_a_pass_draws_sequences_and_fills_their_rows():
    data = dataset(n_sequences=8)
    params, model = made(data, n_means=3)
    means = model.core.get_layer("sequence_means")
    (callback,) = model.feed.callbacks(data.train)
    chosen = []
    for epoch in (0, 1, 0):
        callback.on_epoch_begin(epoch)
        chosen.append(model.feed.chosen.copy())
        expected = estimate_means(model.feed._encoders, means, data.train, data.train.sequence, chosen[-1])
        np.testing.assert_allclose(means.table, expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(means.members, chosen[-1])
        numbers = {int(one) for batch in batches_of(model.feed, data, params, epoch) for one in batch["sequence"]}
        assert numbers <= set(chosen[-1])
    np.testing.assert_array_equal(chosen[0], chosen[2])
    assert not np.array_equal(chosen[0], chosen[1]) and all(len(set(one)) == 3 for one in chosen)


@pytest.mark.parametrize("n_means", [3, 100])
def test_training_moves_the_table(n_means):
    data = dataset(n_sequences=8)
    params, model = made(data, n_means=n_means)
    means = model.core.get_layer("sequence_means")
    assert means.rows == min(n_means, 8)
    callbacks = model.feed.callbacks(data.train)
    history = model.fit(model.feed.training_batches(data.train, params), epochs=1, callbacks=callbacks, verbose=0)
    before = np.asarray(means.table)
    model.fit(model.feed.training_batches(data.train, params), epochs=1, callbacks=callbacks, verbose=0)
    assert history.history["discriminative"][0] > 0 and not np.array_equal(before, means.table)


def test_the_model_does_not_grow_with_the_data():
    sizes = []
    for n_sequences in (8, 80):
        _, model = made(dataset(n_sequences), n_means=5)
        sizes.append([tuple(weight.shape) for weight in [*model.weights, *model.optimizer.variables]])
    assert sizes[0] == sizes[1]
