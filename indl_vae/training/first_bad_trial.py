"""Which trial of the data made a batch come out bad: the batch is made once more, and worked out in parts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import keras
import numpy as np

from indl_vae.data import Dataset
from indl_vae.data.split import Split
from indl_vae.models.diagnosis import Diagnosis, Fault
from indl_vae.params import Params
from indl_vae.training.divergence_guard import Trouble

MakeBatches = Callable[..., tuple[Any, Any]]


class BadTrial(NamedTuple):
    """The first trial that is not finite by itself, and the first term of its loss that is not.

    Attributes:
        split: "train" or "valid".
        trial: Its place in the split, counted from 0; None where no trial is bad by itself.
        session: Name of its session, where there are several.
        trial_of_session: Its place among the split's trials of that session.
        largest: Its largest absolute value.
        bin: Where that stands.
        channel: Where that stands.
        alone: Whether the trials after it in the batch are finite.
        term: "nll", "kl_f", ..., or "gradient of <weight>".
        weights: Weights that are not finite themselves.
    """

    split: str
    trial: int | None
    session: str | None
    trial_of_session: int | None
    largest: float | None
    bin: int | None
    channel: int | None
    alone: bool
    term: str
    weights: tuple[str, ...]


def find_bad_trial(
    trouble: Trouble, model: keras.Model, params: Params, dataset: Dataset, batches: MakeBatches
) -> BadTrial | None:
    """Returns the first bad trial of the batch that came out bad; None where all is finite by now.

    Args:
        trouble: Names the batch.
        model: As it was when the batch came out bad, or little later.
        params: The run's parameters.
        dataset: The data.
        batches: Returns training and validation batches of (parameters, data, feed).
    """
    numbers = replace(dataset, train=_numbers(dataset.train), valid=_numbers(dataset.valid))
    both = [batches(params, one, model.feed) for one in (dataset, numbers)]
    training = trouble.batch is not None
    data, numbered = [pair[0 if training else 1] for pair in both]
    for one in (data, numbered):
        one.clock.assign(trouble.epoch)
    first = trouble.batch or 0
    for batch, rows in itertools.islice(zip(data, numbered, strict=True), first, first + 1 if training else None):
        fault = Diagnosis(model, batch, training, trouble.steps_ago).fault()
        if fault is not None:
            split = dataset.train if training else dataset.valid
            return _named(fault, split, np.asarray(rows["x"]).max(axis=(1, 2)), model)
    return None


def _numbers(split: Split) -> Split:
    """Returns a split whose only channel is each trial's number: its batches say which trials the split's hold."""
    numbers = np.arange(split.n_trials, dtype=np.float32)[:, None, None]
    return replace(split, x=np.ascontiguousarray(np.broadcast_to(numbers, (split.n_trials, split.n_bins, 1))))


def _named(fault: Fault, split: Split, trials: np.ndarray, model: keras.Model) -> BadTrial:
    if fault.row is None:
        return BadTrial(split.name, *[None] * 6, fault.alone, fault.term, fault.weights)
    trial = int(trials[fault.row])
    sizes = np.abs(split.x[trial])
    bin_, channel = (int(i) for i in np.unravel_index(int(np.nanargmax(sizes)), sizes.shape))
    where = (float(sizes[bin_, channel]), bin_, channel)
    return BadTrial(split.name, trial, *_session(split, trial, model), *where, fault.alone, fault.term, fault.weights)


def _session(split: Split, trial: int, model: keras.Model) -> tuple[str | None, int | None]:
    if split.session is None or len(model.spec.sessions) < 2:
        return None, None
    number = split.session[trial]
    return model.spec.sessions[int(number)].name, int((split.session[:trial] == number).sum())
