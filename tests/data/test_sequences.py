"""Numbers of sequences: by id, by session and id, or one a trial."""

from __future__ import annotations

import numpy as np

from indl_vae.data import Dataset
from indl_vae.data.sequences import rows_of
from indl_vae.data.sessions import join_sessions


def dataset(train_ids, valid_ids):
    x = np.ones((len(train_ids), 4, 2), "f4")
    return Dataset.from_arrays(
        {"x": x, "sequence_id": np.array(train_ids)},
        {"x": x[: len(valid_ids)], "sequence_id": np.array(valid_ids)},
    )


def test_training_sequences_are_numbered_in_order_and_others_are_unseen():
    made = dataset([30, 10, 30, 20], [20, 40])
    np.testing.assert_array_equal(made.train.sequence, [2, 0, 2, 1])
    np.testing.assert_array_equal(made.valid.sequence, [1, -1])
    assert made.spec.n_sequences == 3
    np.testing.assert_array_equal(made.train.batch()["sequence"], [2, 0, 2, 1])
    np.testing.assert_array_equal(made.train.take([2, 3]).sequence, [2, 1])


def test_the_same_id_in_two_sessions_is_two_sequences():
    joined = join_sessions({"a": dataset([1, 2], [1]), "b": dataset([2, 2, 7], [7])})
    np.testing.assert_array_equal(joined.train.sequence, [0, 1, 2, 2, 3])
    np.testing.assert_array_equal(joined.valid.sequence, [0, 3])


def test_without_ids_every_trial_is_a_sequence():
    x = np.ones((3, 4, 2), "f4")
    made = Dataset.from_arrays(x, x)
    assert made.train.sequence is None and "sequence" not in made.train.batch()
    np.testing.assert_array_equal(rows_of(made.train), [0, 1, 2])
    assert made.spec.n_sequences == 3
