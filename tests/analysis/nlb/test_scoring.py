from __future__ import annotations

import dataclasses

import h5py
import numpy as np
import pytest
from scipy import stats

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.metrics import co_bps, fp_bps
from indl_vae.analysis.nlb import (
    SCORES,
    interval_correlation,
    psth_r2,
    read_target,
    score_submission,
    submission_of_rates,
    target_of,
    velocity_r2,
)
from indl_vae.errors import DataError
from tests.analysis.nlb.cases import HELD_OUT, make_dataset, truth_of

DATASET = make_dataset(train=30, valid=20)
ARRAYS = submission_of_rates(truth_of(DATASET), DATASET, HELD_OUT)
TARGET = target_of(DATASET, HELD_OUT)


def naive_bps(rates, spikes):
    """Loops over channels and entries with scipy's Poisson."""
    gain = total = 0.0
    for n in range(rates.shape[2]):
        mean = spikes[:, :, n].mean()
        for rate, count in zip(rates[:, :, n].ravel(), spikes[:, :, n].ravel(), strict=True):
            gain += stats.poisson.logpmf(count, rate) - stats.poisson.logpmf(count, mean)
            total += count
    return gain / total / np.log(2)


def joined(arrays, after=""):
    return np.concatenate([arrays[f"eval_rates_heldin{after}"], arrays[f"eval_rates_heldout{after}"]], axis=2)


def test_scores_are_the_naive_ones():
    scores = score_submission(ARRAYS, TARGET, "mc_maze_20")
    assert list(scores) == list(SCORES)
    assert scores["co-bps"] == pytest.approx(naive_bps(ARRAYS["eval_rates_heldout"], TARGET["eval_spikes_heldout"]))
    forward = np.concatenate([TARGET[f"eval_spikes_{p}_forward"] for p in ("heldin", "heldout")], axis=2)
    assert scores["fp-bps"] == pytest.approx(naive_bps(joined(ARRAYS, "_forward"), forward))
    assert scores["vel R2"] == pytest.approx(1.0, abs=1e-5), "behaviour is linear in the rates"
    assert scores["psth R2"] is None and scores["tp corr"] is None


def test_scores_of_counts_are_those_of_evaluate():
    split, scores = DATASET.valid, score_submission(ARRAYS, TARGET)
    assert scores["co-bps"] == pytest.approx(co_bps(split.truth, split.x, np.array([1, 4]), heldout_bins=3))
    assert scores["fp-bps"] == pytest.approx(fp_bps(split.truth, split.x, 3))
    assert scores["co-bps"] > 0.1


def test_mean_rates_score_zero():
    means = {
        key: np.broadcast_to(TARGET[key.replace("rates", "spikes")].mean(axis=(0, 1)), array.shape)
        for key, array in ARRAYS.items()
        if key.replace("rates", "spikes") in TARGET
    }
    scores = score_submission(ARRAYS | means, TARGET)
    assert scores["co-bps"] == pytest.approx(0, abs=1e-12) and scores["fp-bps"] == pytest.approx(0, abs=1e-12)


def test_entries_that_were_not_observed_are_not_scored():
    mask = np.ones_like(DATASET.valid.x)
    mask[3] = 0.0
    masked = dataclasses.replace(DATASET, valid=dataclasses.replace(DATASET.valid, mask=mask))
    target = target_of(masked, HELD_OUT)
    dropped = int(np.argsort(np.argsort(DATASET.valid.inds))[3])
    assert (
        np.isnan(target["eval_spikes_heldout"][dropped]).all() and np.isnan(target["eval_spikes_heldout"]).sum() == 18
    )
    keep = np.arange(20) != dropped
    expected = naive_bps(ARRAYS["eval_rates_heldout"][keep], TARGET["eval_spikes_heldout"][keep])
    assert score_submission(ARRAYS, target)["co-bps"] == pytest.approx(expected)


def test_psths_and_decode_masks_of_the_target_are_used():
    rng = np.random.default_rng(0)
    psth, idx, jitter = rng.gamma(2.0, 1.0, (2, 9, 6)), [np.arange(0, 20, 2), np.arange(1, 20, 2)], np.zeros(20, int)
    psth[:, 0], jitter[4] = np.nan, 1
    masks = {f"{role}_decode_mask": np.arange(n)[:, None] % 2 == [0, 1] for role, n in (("train", 30), ("eval", 20))}
    noise = {f"{role}_behavior": rng.normal(size=TARGET[f"{role}_behavior"].shape) for role in ("train", "eval")}
    target = TARGET | masks | noise | {"psth": psth, "eval_cond_idx": idx, "eval_jitter": jitter}
    scores = score_submission(ARRAYS, target)
    assert scores["psth R2"] == pytest.approx(psth_r2(psth, joined(ARRAYS), idx, jitter))
    train = np.concatenate([ARRAYS["train_rates_heldin"], ARRAYS["train_rates_heldout"]], axis=2)
    behavior, grouped = (noise["train_behavior"], joined(ARRAYS), noise["eval_behavior"]), tuple(masks.values())
    assert scores["vel R2"] == pytest.approx(velocity_r2(train, *behavior, *grouped))
    assert scores["vel R2"] != pytest.approx(velocity_r2(train, *behavior))


def test_dmfc_has_the_correlation_with_the_interval():
    rng = np.random.default_rng(1)
    behavior = np.concatenate([rng.integers(0, 2, (20, 3)), rng.gamma(2.0, 1.0, (20, 2))], axis=1)
    target = TARGET | {"eval_behavior": behavior, "train_behavior": behavior}
    scores = score_submission(ARRAYS, target, "dmfc_rsg_20")
    expected = interval_correlation(joined(ARRAYS), TARGET["eval_spikes_heldout"], behavior)
    assert scores["tp corr"] == pytest.approx(expected) and scores["vel R2"] is None


def test_what_is_not_there_is_none():
    least = {key: ARRAYS[key] for key in ("eval_rates_heldin", "eval_rates_heldout")}
    scores = score_submission(least, TARGET)
    assert {key for key, value in scores.items() if value is not None} == {"co-bps"}
    silent = score_submission(least, {"eval_spikes_heldout": np.zeros((20, 9, 2))})
    assert silent["co-bps"] is None


def test_behaviour_must_be_known_of_every_trial():
    partly = dataclasses.replace(DATASET, train=dataclasses.replace(DATASET.train, behavior=None))
    assert "eval_behavior" not in target_of(partly, HELD_OUT)


def test_targets_without_held_out_bins():
    assert set(target_of(DATASET, HeldOut((2,)), "test")) == {"eval_spikes_heldout", "train_behavior", "eval_behavior"}


def test_rates_in_hz_cause_a_warning():
    factor = 50 * ARRAYS["eval_rates_heldout"].sum() / TARGET["eval_spikes_heldout"].sum()
    message = rf"mc_maze: rates are {factor:.3g} times the counts of eval_spikes_heldout on average"
    least = {key: 50 * ARRAYS[key] for key in ("eval_rates_heldin", "eval_rates_heldout")}
    with pytest.warns(UserWarning, match=message):
        score_submission(least, TARGET, "mc_maze")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eval_spikes_heldout": None}, "eval_spikes_heldout: missing in the target"),
        ({"eval_spikes_heldout": np.ones((20, 9, 3))}, r"has shape \(20, 9, 3\) in the target, the rates of the subm"),
        ({"eval_spikes_heldout_forward": None}, "eval_spikes_heldout_forward: missing in the target, which has"),
        ({"eval_spikes_heldin_forward": np.ones((20, 3, 1))}, r"has shape \(20, 3, 3\) in the target"),
        ({"train_behavior": np.ones((3, 9, 2))}, "train_behavior: has shape"),
    ],
)
def test_targets_that_do_not_fit(change, message):
    target = {key: value for key, value in (TARGET | change).items() if value is not None}
    with pytest.raises(DataError, match=message):
        score_submission(ARRAYS, target)


@pytest.mark.parametrize("ragged", [True, False])
def test_a_target_file_is_read_as_it_was_made(tmp_path, ragged):
    idx = (
        [np.array([0, 2, 4]), np.array([1]), np.array([], np.int64)] if ragged else [np.array([0, 1]), np.array([2, 3])]
    )
    masks = np.arange(20)[:, None] % 2 == [0, 1]
    with h5py.File(tmp_path / "t.h5", "w") as file:
        group = file.create_group("mc_maze_20")
        for key, value in (TARGET | {"eval_decode_mask": masks}).items():
            group.create_dataset(key, data=value, compression="gzip")
        if ragged:
            rows = group.create_dataset("eval_cond_idx", (3,), dtype=h5py.vlen_dtype(np.int32), compression="gzip")
            for k, row in enumerate(idx):
                rows[k] = row
        else:
            group["eval_cond_idx"] = np.stack(idx)
        group["train_jitter"] = np.zeros(3)
    found = read_target(tmp_path / "t.h5", "mc_maze_20")
    assert set(found) == {*TARGET, "eval_decode_mask", "eval_cond_idx"}
    assert [row.tolist() for row in found["eval_cond_idx"]] == [row.tolist() for row in idx]
    assert found["eval_decode_mask"].dtype == bool
    assert score_submission(ARRAYS, found | {"train_decode_mask": np.ones((30, 2))}) is not None
