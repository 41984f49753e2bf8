"""The trial that made a batch come out bad is named, however a family is fed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae.data import Dataset
from indl_vae.data.sessions import join_sessions
from indl_vae.models import build_model
from indl_vae.params import make_params
from indl_vae.training.divergence_guard import Trouble
from indl_vae.training.first_bad_trial import find_bad_trial
from indl_vae.training.train import batches
from tests.models.family_cases import CASES
from tests.training.tiny import tiny_dataset, tiny_params

B, T, N, BAD = 10, 12, 8, 7
#: Families with feeds of their own.
FED = ("fhvae lstm", "dendplrnn", "mrsds s_svae", "dsae full")
#: What leads through more of their feeds.
MORE = {"fhvae": {"n_means": B}, "dendplrnn": {"seq_len": 8}}


def broken(dataset: Dataset, split: str, trial: int) -> Dataset:
    """Returns data in which every bin of a trial is infinite in one channel."""
    part = getattr(dataset, split)
    x = part.x.copy()
    x[trial, :, 2] = np.inf
    return replace(dataset, **{split: replace(part, x=x)})


def found(params, dataset, data, split="train", epoch=1):
    """Returns what is found in each batch of an epoch."""
    model = build_model(params, dataset)
    if split == "valid":
        return [find_bad_trial(Trouble(epoch, "bad"), model, params, data, batches)]
    number = int(batches(params, data, model.feed)[0].cardinality())
    return [find_bad_trial(Trouble(epoch, "bad", i, 1), model, params, data, batches) for i in range(number)]


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) for name in FED])
def test_families(name):
    case = CASES[name]
    options = {"batch_size": 2, "jit_compile": False, **MORE.get(case.family, {})}
    params = make_params(case.family, {**case.options, **options})
    x = np.random.default_rng(0).poisson(1.0, (B, T, N)).astype("f4")
    dataset = Dataset.from_arrays(x, x[:3], likelihood=params.likelihood)
    named = [one for one in found(params, dataset, broken(dataset, "train", BAD)) if one is not None]
    assert named, "no epoch of theirs leaves so many windows of a trial out"
    assert {(one.split, one.trial, one.term, one.channel) for one in named} == {("train", BAD, "nll", 2)}


@pytest.mark.parametrize(("split", "trial"), [("train", 13), ("valid", 4)])
def test_either_split(split, trial):
    params, dataset = tiny_params(valid_batch_size=3, sv_rate=0.2), tiny_dataset()
    named = found(params, dataset, broken(dataset, split, trial), split)
    one = next(one for one in named if one is not None)
    assert sum(other is not None for other in named) == 1
    assert one[:4] == (split, trial, None, None)
    assert (one.largest, one.bin, one.channel) == (np.inf, 0, 2)


def test_of_several_sessions():
    params = tiny_params(batch_size=4)
    both = {name: tiny_dataset(seed) for seed, name in enumerate(("monday", "tuesday"))}
    dataset = join_sessions(both)
    named = [one for one in found(params, dataset, broken(dataset, "train", 19)) if one is not None]
    assert [(one.trial, one.session, one.trial_of_session) for one in named] == [(19, "tuesday", 3)]
