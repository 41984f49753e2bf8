from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.channel_groups import channel_groups, score_groups
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.metrics import bits_per_spike
from indl_vae.analysis.scores import score_rates
from indl_vae.data.split import Split
from tests.analysis.example_data import make_dataset, make_split

DATASET = make_dataset()


def as_lists(groups):
    return {name: channels.tolist() for name, channels in groups.items()}


def test_groups_are_regions_and_what_is_held_out():
    regions = dataclasses.replace(DATASET, region_sizes=(1, 3, 2))
    held_out = {"held_in": [0, 2, 3, 5], "held_out": [1, 4]}
    by_region = {"region_0": [0], "region_1": [1, 2, 3], "region_2": [4, 5]}
    assert as_lists(channel_groups(DATASET, HeldOut())) == {}
    assert as_lists(channel_groups(DATASET, HeldOut((1, 4)))) == held_out
    assert as_lists(channel_groups(regions, HeldOut())) == by_region
    assert as_lists(channel_groups(regions, HeldOut((1, 4)))) == held_out | by_region


def test_groups_of_what_is_held_out_have_the_scores_of_evaluate():
    split, held_out = make_split(n_trials=40), HeldOut((1, 4), 5)
    groups = score_groups(split.truth, split, channel_groups(DATASET, held_out), held_out)
    whole = score_rates(split.truth, split, held_out)
    assert groups["held_in"]["bits_per_spike"] == pytest.approx(whole["bits_per_spike"])
    assert groups["held_out"]["co_bps"] == pytest.approx(whole["co_bps"])
    assert groups["held_in"]["co_bps"] is None and groups["held_out"]["bits_per_spike"] is None
    assert {name: scores["n_channels"] for name, scores in groups.items()} == {"held_in": 4, "held_out": 2}
    assert groups["held_in"]["fp_bps"] == pytest.approx(
        bits_per_spike(split.truth[:, 15:][:, :, [0, 2, 3, 5]], split.x[:, 15:][:, :, [0, 2, 3, 5]])
    )


@given(seed=st.integers(0, 1000), cut=st.integers(1, 5), bins=st.integers(0, 4))
@settings(max_examples=20, deadline=None)
def test_regions_weighted_by_spikes_add_up_to_the_whole(seed, cut, bins):
    split, held_out = make_split(seed=seed), HeldOut((), bins)
    rates = split.truth * np.random.default_rng(seed).gamma(5.0, 0.2, split.truth.shape)
    groups = {"a": np.arange(cut), "b": np.arange(cut, 6)}
    scores = score_groups(rates, split, groups, held_out)
    for key, part in (("bits_per_spike", slice(0, 20 - bins)), ("fp_bps", slice(20 - bins, 20))):
        if key == "fp_bps" and not bins:
            assert scores["a"][key] is None
            continue
        spikes = {name: split.x[:, part][:, :, channels].sum(dtype=float) for name, channels in groups.items()}
        total = sum((scores[name][key] or 0.0) * spikes[name] for name in groups) / sum(spikes.values())
        assert total == pytest.approx(bits_per_spike(rates[:, part], split.x[:, part]), rel=1e-9)


def test_what_is_not_defined_is_none():
    groups = {"all": np.arange(6)}
    for split, rates in (
        (Split("valid", np.zeros((2, 4, 6), np.float32)), np.ones((2, 4, 6))),
        (Split("valid", np.full((2, 4, 6), 0.5, np.float32)), np.ones((2, 4, 6))),
        (make_split(), np.full((12, 20, 6), -1.0)),
    ):
        scores = score_groups(rates, split, groups, HeldOut())
        assert scores == {"all": {"n_channels": 6, "bits_per_spike": None, "co_bps": None, "fp_bps": None}}
