"""The data of the experiments on disentangling, where the folder of measured data is there."""

from __future__ import annotations

import os

import numpy as np
import pytest

pytestmark = pytest.mark.skipif("INDL_VAE_DATA" not in os.environ, reason="needs the folder of measured data")


def test_sprites_are_split_by_character_and_judged_exactly():
    from benchmarks.disentangling.sprites import SpriteJudge, make_sprites

    data, judge = make_sprites(0), SpriteJudge()
    looks = {name: {tuple(one) for one in split.extras["static_label"]} for name, split in data.splits.items()}
    assert not looks["train"] & looks["test"] and not looks["train"] & looks["valid"]
    for column in range(4):
        assert {one[column] for one in looks["test"]} <= {one[column] for one in looks["train"]}
    few = data.test.take(slice(0, 50))
    np.testing.assert_array_equal(judge.static(few.x), few.extras["static_label"])
    np.testing.assert_array_equal(judge.dynamic(few.x), few.extras["dynamic_label"][:, 0, 0])
    assert few.x.min() >= 0.0 and few.x.max() <= 1.0


def test_no_session_of_speech_is_in_two_splits_and_a_speaker_can_be_left_out():
    from benchmarks.disentangling.speech import digits, vowels

    for data in (digits(0), vowels(0)):
        ids = [set(split.extras["sequence_id"]) for split in data.splits.values()]
        assert not ids[0] & ids[1] and not ids[0] & ids[2] and not ids[1] & ids[2]
        frames = data.train.x[data.train.mask > 0] if data.train.mask is not None else data.train.x
        assert abs(frames.mean()) < 0.02 and abs(frames.std() - 1.0) < 0.02
    without = digits(0, left_out=0)
    assert 0 not in without.train.extras["static_label"] and 0 in without.test.extras["static_label"]
