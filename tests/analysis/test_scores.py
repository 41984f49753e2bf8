from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.metrics import bits_per_spike, poisson_nll
from indl_vae.analysis.scores import UNITS, empty_scores, score_rates
from indl_vae.data.split import Split
from indl_vae.errors import DataError
from tests.analysis.example_data import make_split


def test_true_rates_score_as_true_rates():
    split = make_split(n_trials=40)
    scores = score_rates(split.truth, split, HeldOut())
    assert scores["r2_rates"] == pytest.approx(1.0) and scores["r2_log_rates"] == pytest.approx(1.0)
    assert scores["nll"] == pytest.approx(poisson_nll(split.truth, split.x))
    assert scores["nll"] != scores["nll_stirling"]
    assert scores["bits_per_spike"] > 0.1
    assert scores["co_bps"] is None and scores["fp_bps"] is None and scores["behavior_r2"] is None


def test_each_block_is_scored_on_its_own_entries():
    split, held_out = make_split(n_trials=40), HeldOut((1, 4), 5)
    scores = score_rates(split.truth, split, held_out)
    for key, name in (("bits_per_spike", "seen"), ("co_bps", "channels"), ("fp_bps", "bins")):
        block = np.broadcast_to(held_out.blocks(20, 6)[name], split.x.shape)
        assert scores[key] == pytest.approx(bits_per_spike(split.truth, split.x, block)), key
    assert scores["nll"] == pytest.approx(poisson_nll(split.truth, split.x)), "over all entries, held out or not"


def test_padding_and_masked_counts_are_not_scored():
    split = make_split(lengths=np.full(12, 15))
    wild = split.truth.copy()
    wild[:, 15:] = 99.0
    short = Split("valid", split.x[:, :15], truth=split.truth[:, :15])
    found, expected = score_rates(wild, split, HeldOut()), score_rates(split.truth[:, :15], short, HeldOut())
    assert {k: v for k, v in found.items() if v is not None} == pytest.approx(
        {k: v for k, v in expected.items() if v is not None}
    )


def test_behaviour_is_decoded_from_rates():
    train, valid = make_split("train", 30, seed=1), make_split()
    both = [Split(s.name, s.x, behavior=s.truth[:, :, :2]) for s in (train, valid)]
    scores = score_rates(valid.truth, both[1], HeldOut(), (train.truth, both[0]))
    assert scores["behavior_r2"] > 0.99


def test_values_that_are_not_counts_have_r2_only():
    x = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
    scores = score_rates(x, Split("valid", x, truth=x), HeldOut())
    assert {key for key, value in scores.items() if value is not None} == {"r2_rates"}


def test_rates_below_zero_have_no_poisson_score():
    split = make_split()
    scores = score_rates(split.truth - 1.0, split, HeldOut())
    assert scores["nll"] is None and scores["r2_rates"] is not None


def test_undefined_scores_are_none():
    silent = Split("valid", np.zeros((2, 4, 2), np.float32), truth=np.ones((2, 4, 2), np.float32))
    scores = score_rates(np.ones((2, 4, 2)), silent, HeldOut())
    assert scores["bits_per_spike"] is None and scores["r2_rates"] is None and scores["nll"] == pytest.approx(1.0)


def test_all_keys_are_always_there():
    assert list(empty_scores()) == list(UNITS) == list(score_rates(np.ones((12, 20, 6)), make_split(), HeldOut()))


def test_rates_of_another_shape_are_refused():
    with pytest.raises(DataError, match=r"rates of valid: expected the shape of the data, \(12, 20, 6\), got \(1,\)"):
        score_rates(np.ones(1), make_split(), HeldOut())
