"""Which trial and which term of the loss are not finite: worked out again, slowly, once a step has been skipped."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tensorflow as tf

from indl_vae.layers.batch_window import batch_window
from indl_vae.models.augment import augmented
from indl_vae.models.batch import as_batch, observed, repeat_trials
from indl_vae.models.batch_step import BatchStep
from indl_vae.models.objective import Totals, entry_nll, learned_from
from indl_vae.models.skipped_steps import all_finite

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

Batch = dict[str, Any]


class Fault(NamedTuple):
    """What is not finite in a batch.

    Attributes:
        row: The first trial of the batch that is not finite by itself; None where only all together are not.
        alone: Whether all trials after it are finite together.
        term: The first term of the loss that is not finite for it: "nll", "kl_f", ..., or "gradient of <weight>".
        weights: Weights of the model that are not finite themselves.
    """

    row: int | None
    alone: bool
    term: str
    weights: tuple[str, ...]


class Diagnosis:
    """Works a batch out again in parts, without XLA, as often as it takes to find the first bad trial.

    Args:
        model: As it was when the batch came out bad.
        batch: The batch.
        training: Whether it was a batch of training (gradient, dropout, posterior samples) or of validation.
        steps_ago: Training steps since then, by which the random numbers have moved on.
    """

    def __init__(self, model: SequentialVAE, batch: Any, training: bool, steps_ago: int = 0) -> None:
        self._model, self._training, self._steps_ago = model, training, steps_ago
        self._step = BatchStep(model, lanes=1, compiled=False)
        self._batch = as_batch(batch, model.spec)
        if not training:  # validation losses are those of the whole view, with nothing hidden
            self._batch.pop("visible", None)
        self._n_trials = int(self._batch["x"].shape[0])

    def fault(self) -> Fault | None:
        """Returns what is not finite; None where everything is."""
        with _random_numbers_of(self._model, self._steps_ago):
            if self._training:
                with batch_window(0):
                    self._batch = augmented(self._batch, self._model.augmentation)
            totals = self._model.objective.totals(self._batch, self._training)
            bad = lambda first, last: self._is_bad(first, last, totals)  # noqa: E731
            if not bad(0, self._n_trials):
                return None
            row = first_bad(bad, self._n_trials)
            term = self._term(row, row + 1, totals) or self._term(0, self._n_trials, totals)
            alone = row + 1 == self._n_trials or not bad(row + 1, self._n_trials)
            weights = tuple(w.path for w in self._model.weights if not np.isfinite(w.numpy()).all())
            return Fault(row if bad(row, row + 1) else None, alone, term, weights)

    def _is_bad(self, first: int, last: int, totals: Totals) -> bool:
        loss, gradients = self._worked_out(first, last, totals)
        return not bool(all_finite(loss, gradients) if self._training else tf.math.is_finite(loss))

    def _worked_out(self, first: int, last: int, totals: Totals) -> tuple[tf.Tensor, list]:
        return self._step.of_part(self._part(first, last), first, totals, self._training)

    def _term(self, first: int, last: int, totals: Totals) -> str:
        """Returns the first term that is not finite for some trials, else the first weight's gradient; "" for none."""
        values = self._values(first, last)
        bad = [name for name, value in values.items() if not np.isfinite(value).all()]
        if bad or not self._training:
            return next(iter(bad), "")
        gradients = zip(self._model.trainable_weights, self._worked_out(first, last, totals)[1], strict=True)
        return next((f"gradient of {w.path}" for w, g in gradients if not all_finite(tf.constant(0.0), [g])), "")

    def _values(self, first: int, last: int) -> dict[str, np.ndarray]:
        """Returns the terms of the loss of some trials, without weights and ramps."""
        samples = self._model.params.q_samples if self._training else 1
        part, objective = self._part(first, last), self._model.objective
        with batch_window(first * samples):
            outputs = self._model.all_outputs(part, self._training)
        part = repeat_trials(part, samples)
        counted = learned_from(part, True) if self._training else observed(part)
        values = {"nll": entry_nll(objective.likelihood, part["x"], outputs["raw"], counted)}
        for name in objective.terms:
            values[name] = outputs[f"_{name}"] if f"_{name}" in outputs else objective.penalty(name)
        return {name: np.asarray(value) for name, value in values.items()}

    def _part(self, first: int, last: int) -> Batch:
        return {key: value[first:last] for key, value in self._batch.items()}


def first_bad(is_bad: Callable[[int, int], bool], n: int) -> int:
    """Returns the first of n things that is bad, in about log2(n) questions about ranges of them.

    Args:
        is_bad: Whether there is a bad one from a first to before a last one.
        n: Number of things, one of which is bad.
    """
    first, last = 0, n
    while last - first > 1:
        middle = (first + last) // 2
        if is_bad(first, middle):
            last = middle
        else:
            first = middle
    return first


@contextlib.contextmanager
def _random_numbers_of(model: SequentialVAE, steps_ago: int) -> Iterator[None]:
    """Sets the random numbers back to those of an earlier step, and afterwards to those of now."""
    now = [generator.state.numpy() for generator in model.seed_generators]
    try:
        for generator, state in zip(model.seed_generators, now, strict=True):
            generator.state.assign(state - np.array([0, steps_ago], state.dtype))
        yield
    finally:
        for generator, state in zip(model.seed_generators, now, strict=True):
            generator.state.assign(state)
