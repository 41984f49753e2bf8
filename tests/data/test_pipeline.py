from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import Split, visible_mask
from indl_vae.errors import ConfigError


@pytest.fixture(scope="module")
def split():
    x = np.arange(7, dtype=np.float32)[:, None, None] * np.ones((1, 3, 2), np.float32)
    return Split("train", x, mask=np.ones_like(x), truth=x + 0.5, inds=np.arange(7) + 20)


def order(batches):
    return np.concatenate([batch["x"][:, 0, 0].numpy() for batch in batches]).astype(int).tolist()


def test_keys_shapes_and_cardinality(split):
    batches = split.batches(3)
    assert int(batches.cardinality()) == 3
    sizes = [batch["x"].shape[0] for batch in batches]
    assert sizes == [3, 3, 1]
    batch = next(iter(batches))
    assert set(batch) == {"x", "mask", "truth"}
    assert all(value.dtype.name == "float32" for value in batch.values())
    np.testing.assert_allclose(batch["truth"], batch["x"] + 0.5)


def test_remainder_can_be_left_out(split):
    batches = split.batches(3, drop_remainder=True)
    assert int(batches.cardinality()) == 2
    assert [tuple(batch["x"].shape) for batch in batches] == [(3, 3, 2)] * 2
    assert batches.element_spec["x"].shape.as_list() == [3, 3, 2]


def test_batch_larger_than_the_split(split):
    assert [batch["x"].shape[0] for batch in split.batches(100, drop_remainder=True)] == [7]


def test_order_is_a_function_of_seed_and_epoch(split):
    batches, again = split.batches(3, seed=4), split.batches(2, seed=4)
    orders = []
    for epoch in range(3):
        batches.clock.assign(epoch)
        again.clock.assign(epoch)
        orders.append(order(batches))
        assert order(batches) == orders[-1] == order(again)
        assert sorted(orders[-1]) == list(range(7))
    assert len({tuple(each) for each in orders}) == 3
    again.clock.assign(1)
    assert order(again) == orders[1]
    assert order(split.batches(3, seed=5)) != orders[0]


def test_only_the_training_split_is_shuffled_by_itself(split):
    valid = Split("valid", split.x)
    assert order(valid.batches(3)) == list(range(7))
    assert order(valid.batches(3, shuffle=True)) != list(range(7))
    assert order(split.batches(3, shuffle=False)) == list(range(7))


def test_hidden_entries_stay_with_their_trial(split):
    expected = visible_mask(split.inds, 3, 2, 0.4, seed=9)
    for batch_size, epoch in ((2, 0), (3, 1)):
        batches = split.batches(batch_size, hidden_rate=0.4, hidden_seed=9)
        batches.clock.assign(epoch)
        for batch in batches:
            trials = batch["x"][:, 0, 0].numpy().astype(int)
            assert batch["visible"].dtype.name == "float32"
            np.testing.assert_array_equal(batch["visible"].numpy() > 0, expected[trials])


def test_arguments_out_of_range(split):
    with pytest.raises(ConfigError, match="batch_size: 0, expected at least 1"):
        split.batches(0)
    with pytest.raises(ConfigError, match="hidden_rate"):
        split.batches(2, hidden_rate=1.0)


def test_keras_fit_sees_every_trial_in_the_epochs_order(split):
    import keras

    class Memory(keras.Model):
        def __init__(self):
            super().__init__()
            self.seen = []

        def train_step(self, data):
            self.seen += data["x"][:, 0, 0].numpy().astype(int).tolist()
            return {"loss": 0.0}

    batches, model = split.batches(3, seed=2), Memory()
    model.compile(run_eagerly=True)
    clock = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: batches.clock.assign(epoch))
    model.fit(batches, epochs=3, verbose=0, callbacks=[clock])
    epochs = [model.seen[i : i + 7] for i in (0, 7, 14)]
    fresh = split.batches(3, seed=2)
    for epoch, seen in enumerate(epochs):
        fresh.clock.assign(epoch)
        assert seen == order(fresh)
