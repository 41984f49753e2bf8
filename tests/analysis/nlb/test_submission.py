from __future__ import annotations

import dataclasses
import warnings

import h5py
import numpy as np
import pytest

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.nlb import read_submission, read_target, submission, submission_of_rates, write_submission
from indl_vae.errors import ConfigError, DataError
from tests.analysis.example_data import FakeModel
from tests.analysis.nlb.cases import HELD_OUT, make_dataset, truth_of

DATASET = make_dataset()


def test_each_array_is_its_part_of_the_rates():
    arrays = submission_of_rates(truth_of(DATASET), DATASET, HELD_OUT)
    for role, split in (("train", DATASET.train), ("eval", DATASET.valid)):
        rates = split.truth[np.argsort(split.inds)]
        for part, channels in (("heldin", [0, 2, 3, 5]), ("heldout", [1, 4])):
            np.testing.assert_array_equal(arrays[f"{role}_rates_{part}"], rates[:, :9][:, :, channels])
            np.testing.assert_array_equal(arrays[f"{role}_rates_{part}_forward"], rates[:, 9:][:, :, channels])
    assert len(arrays) == 8


def test_the_test_split_is_evaluated_after_training_on_the_others():
    arrays = submission_of_rates(truth_of(DATASET), DATASET, HELD_OUT, "test")
    by_number = {
        int(ind): split.truth[i] for split in (DATASET.train, DATASET.valid) for i, ind in enumerate(split.inds)
    }
    np.testing.assert_array_equal(
        arrays["train_rates_heldout"], np.stack([by_number[i] for i in range(15)])[:, :9, [1, 4]]
    )
    np.testing.assert_array_equal(arrays["eval_rates_heldout"], DATASET.test.truth[:, :9, [1, 4]])


def test_trials_without_numbers_stay_in_the_order_of_the_splits():
    plain = {name: dataclasses.replace(split, inds=np.zeros(0)) for name, split in DATASET.splits.items()}
    dataset = dataclasses.replace(DATASET, **plain)
    with pytest.warns(UserWarning, match="trials of train and valid have the same numbers"):
        arrays = submission_of_rates(truth_of(dataset), dataset, HELD_OUT, "test")
    joined = np.concatenate([DATASET.train.truth, DATASET.valid.truth])
    np.testing.assert_array_equal(arrays["train_rates_heldin"], joined[:, :9, [0, 2, 3, 5]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        submission_of_rates(truth_of(dataset), dataset, HELD_OUT, "valid")


def test_without_held_out_bins_there_is_no_forward_prediction():
    assert len(submission_of_rates(truth_of(DATASET), DATASET, HeldOut((1,)))) == 4


def test_a_model_does_not_see_what_it_predicts():
    model = FakeModel(lambda split: split.truth, heldout_channels=[1, 4], heldout_bins=3)
    arrays = submission(model, DATASET, samples=2)
    assert set(model.shown) == {"train", "valid"}
    assert not any(split.x[:, :, [1, 4]].any() or split.x[:, 9:].any() for split in model.shown.values())
    expected = submission_of_rates(truth_of(DATASET), DATASET, HELD_OUT)
    assert all(np.array_equal(arrays[key], expected[key]) for key in expected)


def test_rates_that_underflow_are_raised_to_the_floor():
    rates = {name: truth.copy() for name, truth in truth_of(DATASET).items()}
    rates["valid"][0] = 0.0
    trial = int(np.argsort(np.argsort(DATASET.valid.inds))[0])
    np.testing.assert_array_equal(submission_of_rates(rates, DATASET, HELD_OUT)["eval_rates_heldin"][trial], 1e-9)


def test_what_cannot_be_submitted():
    with pytest.raises(ConfigError, match="heldout_channels: none, but a submission is scored on channels"):
        submission(FakeModel(lambda split: split.truth), DATASET)
    with pytest.raises(ConfigError, match="eval split: 'train', expected valid or test"):
        submission_of_rates(truth_of(DATASET), DATASET, HELD_OUT, "train")
    with pytest.raises(DataError, match="has no test split, which the eval split 'test' needs"):
        submission_of_rates(truth_of(DATASET), dataclasses.replace(DATASET, test=None), HELD_OUT, "test")
    with pytest.raises(DataError, match="negative"):
        submission_of_rates({n: np.log(t) for n, t in truth_of(DATASET).items()}, DATASET, HELD_OUT)
    several = dataclasses.replace(DATASET, parts={"a": DATASET, "b": DATASET})
    with pytest.raises(DataError, match="has 2 sessions, expected one"):
        submission_of_rates(truth_of(DATASET), several, HELD_OUT)
    short = dataclasses.replace(DATASET, valid=make_dataset(n_bins=11).valid)
    with pytest.raises(DataError, match="trials of different shapes cannot be joined"):
        submission_of_rates(truth_of(short), short, HELD_OUT, "test")


def test_round_trip_of_several_groups(tmp_path):
    arrays = submission_of_rates(truth_of(DATASET), DATASET, HELD_OUT)
    fewer = submission_of_rates(truth_of(DATASET), DATASET, HeldOut((0,)))
    path = write_submission(tmp_path / "new" / "s.h5", {"mc_maze_20": arrays, "mc_rtt": fewer})
    for group, expected in (("mc_maze_20", arrays), ("mc_rtt", fewer)):
        found = read_submission(path, group)
        assert set(found) == set(expected)
        assert all(np.array_equal(found[key], expected[key]) for key in expected), "the truth is float32"
    with h5py.File(path) as file:
        assert sorted(file) == ["mc_maze_20", "mc_rtt"]
        assert file["mc_rtt/eval_rates_heldout"].dtype == np.float32


def test_rates_too_small_for_float32_do_not_become_zero(tmp_path):
    arrays = {f"eval_rates_{part}": np.full((1, 2, 1), 1e-60) for part in ("heldin", "heldout")}
    assert read_submission(write_submission(tmp_path / "s.h5", {"a": arrays}), "a")["eval_rates_heldin"].min() > 0


def test_nothing_is_written_of_a_submission_that_is_refused(tmp_path):
    arrays = submission_of_rates(truth_of(DATASET), DATASET, HELD_OUT)
    with pytest.raises(DataError, match="mc_maze: eval_rates_heldin: .* negative"):
        write_submission(tmp_path / "s.h5", {"mc_maze": arrays | {"eval_rates_heldin": -arrays["eval_rates_heldin"]}})
    with pytest.raises(ConfigError, match="name: 'a/b'"):
        write_submission(tmp_path / "s.h5", {"a/b": arrays})
    assert list(tmp_path.iterdir()) == []


def test_files_that_cannot_be_read(tmp_path):
    path = tmp_path / "s.h5"
    with pytest.raises(DataError, match="no such file"):
        read_submission(path, "mc_maze")
    with h5py.File(path, "w") as file:
        file["mc_maze_20/eval_rates_heldin"] = np.full((2, 3, 2), -1.0)
        file["linked/eval_rates_heldin"] = h5py.ExternalLink("other.h5", "x")
        file["target/eval_cond_idx"] = np.zeros((2, 2))
    with pytest.raises(DataError, match="has no group 'mc_maze', but linked, mc_maze_20, target; check name and bin"):
        read_submission(path, "mc_maze")
    with pytest.raises(DataError, match="s.h5: mc_maze_20: eval_rates_heldin: .* negative"):
        read_submission(path, "mc_maze_20")
    with pytest.raises(DataError, match="cannot be read|link to another file"):
        read_submission(path, "linked")
    with pytest.raises(DataError, match="eval_cond_idx: expected lists of whole numbers"):
        read_target(path, "target")
