"""Hierarchical sampling (Hsu & Glass 2018): what a pass puts into the table, and what it then trains on."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.data import Dataset
from indl_vae.families.fhvae.sequence_pass import SequencePass
from indl_vae.models import build_model

L, SHIFT, N, D, K, M = 4, 2, 3, 2, 3, 8
SIZES = {
    "f_units": [4], "f_latent_size": D, "z1_units": 4, "z2_units": 0, "z_latent_size": 2, "decoder_units": [5],
    "segment_length": L, "segment_shift": SHIFT, "n_factors": 3, "n_means": K, "jit_compile": False, "batch_size": 1,
}  # fmt: skip
LENGTHS = (12, 12, 5, 12, 3, 12, 8, 12, 12, 12, 7)


def dataset(n_sequences: int = M) -> Dataset:
    """Two trials of most sequences, not next to one another; every entry is a value of its own."""
    n = 2 * n_sequences - 1
    values = itertools.count(1)
    trials = [
        np.array([next(values) for _ in range(LENGTHS[i % len(LENGTHS)] * N)], "f4").reshape(-1, N) % 7
        for i in range(n)
    ]
    ids = np.arange(n) % n_sequences * 10
    return Dataset.from_arrays({"x": trials, "sequence_id": ids}, {"x": trials[:4], "sequence_id": [0, 990, 20, 10]})


def made(data: Dataset, variant: str = "simple", **changes):
    params = make_params("fhvae", {**SIZES, "variant": variant}, **changes)
    return params, build_model(params, data)


def begun(model, data, epoch=0):
    """Begins an epoch; returns the callback and the numbers of the sequences drawn."""
    (callback,) = model.feed.callbacks(data.train)
    assert isinstance(callback, SequencePass)
    callback.on_epoch_begin(epoch)
    return callback, np.asarray(model.feed.chosen)


def table_of(model):
    return model.core.get_layer("sequence_means")


def segments_of(data, number):
    """How many segments a sequence has, trial by trial: starts 0, SHIFT, ... that fit; one of a shorter trial."""
    trials = np.flatnonzero(data.train.sequence == number)
    return sum(max(len(range(0, data.train.lengths[i] - L + 1, SHIFT)), 1) for i in trials)


@pytest.mark.parametrize("variant", ["lstm", "simple"])
def test_the_table_holds_the_estimates_of_the_sequences_drawn(variant):
    data = dataset()
    _, model = made(data, variant)
    rng = np.random.default_rng(2)
    for weight in model.trainable_weights:
        weight.assign(weight + 0.3 * rng.normal(size=weight.shape))
    for epoch in (0, 1):
        _, chosen = begun(model, data, epoch)
        assert len(set(chosen)) == K and set(chosen) <= set(range(M))
        f, _, counted = model.segment_latents(data.train)
        for row, number in enumerate(chosen):
            parts = [f[i][counted[i] > 0] for i in np.flatnonzero(data.train.sequence == number)]
            own = np.concatenate(parts)
            np.testing.assert_allclose(table_of(model).table[row], own.sum(0) / (len(own) + 0.25), rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(table_of(model).members, chosen)
        np.testing.assert_array_equal(table_of(model).sizes, [segments_of(data, number) for number in chosen])


def test_a_pass_has_every_segment_of_the_sequences_drawn_and_no_other():
    data = dataset()
    params, model = made(data)
    _, chosen = begun(model, data)
    batches = [{k: v.numpy() for k, v in one.items()} for one in model.feed.training_batches(data.train, params)]
    numbers, counts = np.unique([int(batch["sequence"][0]) for batch in batches], return_counts=True)
    np.testing.assert_array_equal(numbers, chosen)
    np.testing.assert_array_equal(counts, [segments_of(data, number) for number in chosen])
    for batch in batches:
        assert lies_in_a_trial(batch, data.train)


def lies_in_a_trial(batch, split):
    """Whether a segment is a piece of one of its sequence's trials; what is after the end is masked."""
    for i in np.flatnonzero(split.sequence == batch["sequence"][0]):
        n_bins = split.lengths[i]
        for start in range(max(n_bins - L, 0) + 1):
            piece = split.x[i, start : min(start + L, n_bins)]
            ends = np.arange(L) < len(piece)
            alike = np.array_equal(batch["x"][0][ends], piece) and not batch["x"][0][~ends].any()
            if alike and np.array_equal(batch["mask"][0], np.repeat(ends[:, None], N, 1)):
                return True
    return False


def test_the_choice_is_a_function_of_seed_and_epoch():
    data = dataset()
    choose = lambda seed, epochs: [begun(made(data, seed=seed)[1], data, epoch)[1].tolist() for epoch in epochs]  # noqa: E731
    first = choose(1, range(3))
    assert choose(1, range(3)) == first
    assert choose(1, [2]) == first[2:]  # of a resumed run
    assert len({tuple(one) for one in first}) > 1
    assert choose(2, range(3)) != first


def test_every_sequence_has_its_turn():
    data = dataset()
    _, model = made(data)
    (callback,) = model.feed.callbacks(data.train)
    turns = np.zeros(M)
    for epoch in range(40):
        callback.on_epoch_begin(epoch)
        turns[model.feed.chosen] += 1
    expected, deviation = 40 * K / M, np.sqrt(40 * K / M * (1 - K / M))
    assert turns.sum() == 40 * K and (np.abs(turns - expected) < 4 * deviation).all()


class Watch(keras.callbacks.Callback):
    """Keeps the sequences of each batch that is trained on, and those of the table at that time."""

    def __init__(self, model):
        super().__init__()
        self.seen, self.tables = [], []
        self._step = model.train_step
        model.train_step = self._watched

    def _watched(self, batch):
        self.seen[-1].update(int(number) for number in batch["sequence"])
        return self._step(batch)

    def on_epoch_begin(self, epoch, logs=None):
        means = table_of(self.model)
        self.seen.append(set())
        self.tables.append((set(np.asarray(means.members, int)), np.asarray(means.table)))


def test_fit_trains_on_the_sequences_of_its_pass():
    """Batches are cut after the pass has drawn its sequences, not before; the table is trained within it."""
    data = dataset()
    params, model = made(data, batch_size=2)
    model.compile(optimizer="adam", jit_compile=False, run_eagerly=True)
    watch = Watch(model)
    callbacks = [*model.feed.callbacks(data.train), watch]
    history = model.fit(model.feed.training_batches(data.train, params), epochs=2, callbacks=callbacks, verbose=0)
    assert len(watch.seen) == 2 and len({frozenset(seen) for seen in watch.seen}) > 1
    for seen, (members, _) in zip(watch.seen, watch.tables, strict=True):
        assert seen == members
    assert np.abs(np.asarray(table_of(model).table) - watch.tables[-1][1]).min() > 0
    assert all(value > 0 for value in history.history["discriminative"])


def test_fit_for_two_epochs_with_validation():
    """As a run does it: compiled, with validation sequences of which some have a row and some do not."""
    data = dataset()
    params, model = made(data, batch_size=4)
    start = {weight.path: np.asarray(weight) for weight in model.trainable_weights}
    history = model.fit(
        model.feed.training_batches(data.train, params),
        epochs=2,
        validation_data=data.valid.batches(4, shuffle=False),
        callbacks=model.feed.callbacks(data.train),
        verbose=0,
    ).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert history["val_discriminative"] == [0.0, 0.0]
    assert [path for path, value in start.items() if np.array_equal(value, _by_path(model)[path])] == []


def _by_path(model):
    return {weight.path: np.asarray(weight) for weight in model.trainable_weights}


def all_but_the_table(model):
    """Weights and what the optimizer remembers, of the table's rows too."""
    variables = [*model.optimizer.variables, *model.trainable_weights]
    return [np.asarray(variable) for variable in variables if variable.name != "table"]


def test_a_pass_leaves_all_but_the_table_alone():
    data = dataset()
    params, model = made(data)
    batches = model.feed.training_batches(data.train, params)
    model.fit(batches, epochs=1, callbacks=model.feed.callbacks(data.train), verbose=0)
    before = all_but_the_table(model)
    begun(model, data, 7)
    for one, same in zip(before, all_but_the_table(model), strict=True):
        np.testing.assert_array_equal(one, same)
    assert any("table" in v.path and np.abs(np.asarray(v)).max() > 0 for v in model.optimizer.variables)


def test_sequences_of_the_pass_have_their_row_and_others_an_estimate(tmp_path):
    data = dataset()
    _, model = made(data)
    _, chosen = begun(model, data, 4)
    other = next(number for number in range(M) if number not in chosen)
    x = np.repeat(data.train.x[:1], K + 1, axis=0)
    batch = {"x": x, "sequence": np.array([*chosen, other], "f4")}
    found = np.asarray(model.all_outputs(batch)["sequence_mean"])
    np.testing.assert_array_equal(found[:K], table_of(model).table)
    np.testing.assert_allclose(found[K], model.sequence_means(x[:1])[1][0], rtol=1e-4, atol=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.all_outputs(batch)["sequence_mean"], found)


@pytest.mark.parametrize("n_means", [M, M + 5])
def test_with_a_row_for_each_there_is_no_pass(n_means):
    data = dataset()
    params, model = made(data, n_means=n_means)
    assert model.feed.callbacks(data.train) == [] and table_of(model).rows == M
    np.testing.assert_array_equal(table_of(model).sizes, [segments_of(data, number) for number in range(M)])
    batches = model.feed.training_batches(data.train, params)
    assert {int(batch["sequence"][0]) for batch in batches} == set(range(M))


def test_cost_and_memory_do_not_grow_with_the_sequences():
    shapes, counts = [], []
    for n_sequences in (8, 80):
        data = dataset(n_sequences)
        params, model = made(data)
        begun(model, data)
        shapes.append([tuple(weight.shape) for weight in [*model.weights, *model.optimizer.variables]])
        counts.append(sum(1 for _ in model.feed.training_batches(data.train, params)))
    assert shapes[0] == shapes[1]
    longest = 2 * ((max(LENGTHS) - L) // SHIFT + 1)
    assert max(counts) <= K * longest


def test_trials_shorter_than_a_segment_are_padded_and_masked():
    """Of data without a mask: one is made, and the loss counts the entries that are there."""
    rng = np.random.default_rng(0)
    x = rng.poisson(1.0, (6, 3, N)).astype("f4")
    data = Dataset.from_arrays({"x": x}, {"x": x})
    assert data.train.mask is None
    params, model = made(data, n_means=6, batch_size=6)
    (batch,) = model.feed.training_batches(data.train, params)
    assert batch["x"].shape == (6, L, N)
    np.testing.assert_array_equal(batch["mask"][:, :3], np.ones((6, 3, N)))
    np.testing.assert_array_equal(batch["mask"][:, 3:], np.zeros((6, 1, N)))
    order = np.asarray(batch["sequence"], int)
    np.testing.assert_array_equal(batch["x"][:, :3], x[order])
    cut = float(model.compute_loss(x=batch, y_pred=model.all_outputs(batch), training=False))
    whole = {"x": x[order], "sequence": batch["sequence"]}
    assert cut == pytest.approx(
        float(model.compute_loss(x=whole, y_pred=model.all_outputs(whole), training=False)), rel=1e-5
    )
