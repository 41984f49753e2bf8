"""Sessions with channels of their own as one data set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae.data import Dataset, load_dataset
from indl_vae.data.alignment import align_datasets
from indl_vae.data.sessions import arrange_sessions, join_sessions, name_like
from indl_vae.errors import ConfigError, DataError
from indl_vae.typing import SessionSpec
from tests.data.small_files import write_h5


def part(n_trials=4, n_bins=5, n_channels=3, source="memory", seed=0, **more):
    rng = np.random.default_rng(seed)

    def split():
        x = rng.poisson(2.0, (n_trials, n_bins, n_channels)).astype("f4")
        return {"x": x, "truth": x + 0.5, "condition": np.arange(n_trials) % 2, **more}

    return replace(Dataset.from_arrays(split(), split(), bin_width_s=0.01), source=source)


@pytest.fixture
def joined():
    return join_sessions({"a": part(), "b": part(6, 7, 2, seed=1)})


def test_trials_lie_one_session_after_the_other_in_a_common_shape(joined):
    train, (first, second) = joined.train, joined.parts.values()
    assert train.x.shape == (10, 7, 3)
    np.testing.assert_array_equal(train.session, [0] * 4 + [1] * 6)
    np.testing.assert_array_equal(train.x[:4, :5], first.train.x)
    np.testing.assert_array_equal(train.truth[4:, :, :2], second.train.truth)
    assert train.mask[:4, :5].all() and train.mask[4:, :, :2].all()
    assert train.mask.sum() == first.train.x.size + second.train.x.size
    np.testing.assert_array_equal(train.lengths, [5] * 4 + [7] * 6)
    np.testing.assert_array_equal(train.inds, [*range(4), *range(6)])
    assert joined.spec.sessions == (SessionSpec("a", 3), SessionSpec("b", 2)) and joined.spec.n_channels == 3
    assert list(joined.info()["sessions"]) == ["a", "b"]


def test_batches_of_a_training_epoch_hold_one_session_each(joined):
    batches = joined.train.batches(3, seed=1, drop_remainder=True)
    seen = [tuple(batch["session"].numpy()) for batch in batches]
    assert int(batches.cardinality()) == len(seen) == 3
    assert all(len(set(one)) == 1 and len(one) == 3 for one in seen)
    orders = set()
    for epoch in range(8):
        batches.clock.assign(epoch)
        orders.add(tuple(batch["session"].numpy()[0] for batch in batches))
    assert len(orders) > 1, "the order of the sessions changes from epoch to epoch"


def test_the_smallest_session_limits_batches_of_one_size(joined):
    assert [batch["x"].shape[0] for batch in joined.train.batches(5, drop_remainder=True)] == [4, 4]
    assert sorted(batch["x"].shape[0] for batch in joined.train.batches(5)) == [1, 4, 5]


def test_files_of_a_stem_are_sessions(tmp_path):
    for name, channels in (("mon", 3), ("tue", 4)):
        x = np.ones((4, 5, channels), np.int64)
        x[0, 0] = 2
        write_h5(tmp_path / f"rat_{name}.h5", {"train_data": x, "valid_data": x}, bin_width_s=0.01)
    dataset = load_dataset(tmp_path / "rat")
    assert [(one.name, one.n_channels) for one in dataset.spec.sessions] == [("mon", 3), ("tue", 4)]
    listed = load_dataset([tmp_path / "rat_mon.h5", tmp_path / "rat_tue.h5"])
    assert list(listed.parts) == ["mon", "tue"]
    alone = arrange_sessions(load_dataset(tmp_path / "rat_tue.h5"), dataset.spec.sessions)
    assert set(alone.train.session) == {1} and alone.spec == replace(
        dataset.spec, n_bins=5, n_sequences=alone.train.n_trials
    )
    with pytest.raises(DataError, match="several sessions are called rat_mon; give the files different names"):
        load_dataset([tmp_path / "rat_mon.h5", tmp_path / "rat_mon.h5"])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "sessions: none; expected at least one data set"),
        (
            {"a": part(), "b": replace(part(), bin_width_s=0.02)},
            "session 'b' has bin_width_s 0.02, the first session has 0.01",
        ),
        (
            {"a": part(), "b": replace(part(), valid=None)},
            "session 'b' has the splits train, the first session has train, valid",
        ),
        (
            {"a": part(), "b": part(ext_input=np.zeros((4, 5, 2), "f4"))},
            "session 'b' has ext_input dims 2, the first session has 0",
        ),
        ({"a": part(), "b": replace(part(), heldout_channels=1)}, r"their files keep \[0, 1\] heldout channels"),
    ],
    ids=["none", "width", "splits", "ext", "heldout"],
)
def test_sessions_that_do_not_go_together(parts, message):
    with pytest.raises(DataError, match=message):
        join_sessions(parts)


def test_sessions_that_a_model_does_not_have():
    places = (SessionSpec("mon", 3), SessionSpec("tue", 3))
    with pytest.raises(DataError, match=r"session 'wed' is none of the model's, which are mon \(3 channels\), tue"):
        join_sessions({"wed": part()}, places)
    with pytest.raises(DataError, match="session 'tue' has 2 channels, the model has 3 for it"):
        join_sessions({"tue": part(n_channels=2)}, places)
    with pytest.raises(DataError, match=r"x/rat_wed.h5: is no session of the model, whose sessions are mon"):
        arrange_sessions(part(source="x/rat_wed.h5"), places)
    assert arrange_sessions(part(source="x/rat_tue.h5"), places).train.session.tolist() == [1] * 4


def test_alignment_brings_sessions_of_one_source_together():
    """Two sessions that see the same three signals through other channels are brought to the same components."""
    rng, time = np.random.default_rng(0), np.linspace(0, 3, 60)
    signals = np.stack([np.stack([np.sin(k * time + c) for k in (1, 2, 3)], -1) for c in range(4)])
    parts = {}
    for name, channels in (("a", 8), ("b", 6)):
        x = np.repeat(signals @ rng.normal(size=(3, channels)), 2, axis=0).astype("f4")
        split = {"x": x, "condition": np.repeat(np.arange(4), 2)}
        parts[name] = Dataset.from_arrays(split, split, likelihood="gaussian")
    aligned = align_datasets(parts, 3)
    a, b = ((parts[n].train.x - aligned[n].bias) @ aligned[n].matrix for n in ("a", "b"))
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.995
    with pytest.raises(ConfigError, match="n_components: 15, expected 1 to 14"):
        align_datasets(parts, 15)


def test_alignment_needs_the_same_conditions():
    one, other = part(), part()
    bare = replace(other, train=replace(other.train, condition=None))
    with pytest.raises(DataError, match="session 'b' has no train_condition"):
        align_datasets({"a": one, "b": bare}, 2)
    shifted = replace(other, train=replace(other.train, condition=other.train.condition + 1))
    with pytest.raises(DataError, match=r"session 'b' has the conditions \[1, 2\], the first session has \[0, 1\]"):
        align_datasets({"a": one, "b": shifted}, 2)


@pytest.mark.parametrize(
    ("source", "name"),
    [("w/rat_wed.h5", "wed"), ("w/cat_wed.h5", "cat_wed"), ("w/rat_.h5", "rat_"), ("wed.nwb", "wed")],
)
def test_a_new_session_is_called_as_the_known_ones_are(source, name):
    assert name_like(source, {"mon": "x/rat_mon.h5", "tue": "x/rat_tue.h5"}) == name
    assert name_like("rat_wed.h5", {"rat_mon": "x/rat_mon.h5"}) == "rat_wed"


def test_a_data_set_says_in_a_line_what_it_holds(joined):
    text = repr(joined)
    assert "train: 10 trials x 7 bins x 3 channels, mask, truth, condition, lengths, session" in text
    assert "sessions a, b" in text and "bin width 0.01 s" in text and len(text) < 400
