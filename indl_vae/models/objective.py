"""The loss, as a sum over trials: parts of a batch may be worked on apart and their losses added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.models.batch import observed
from indl_vae.models.loss_weight import LossWeight
from indl_vae.models.metrics import MeanPerTrial, Sums
from indl_vae.models.term import Term


class Totals(NamedTuple):
    """Numbers of the whole batch that its parts divide by.

    Attributes:
        trials: Number of trials, posterior samples counted.
        entries: Number of entries that the likelihood is learned from.
    """

    trials: tf.Tensor
    entries: tf.Tensor


class Objective:
    """Masked negative log-likelihood plus the family's terms, each with its weight and ramp.

    Args:
        likelihood: Of the observations.
        terms: Terms of the loss beside it, by name.
        regularised: Returns the kernels that each L2 term penalises.
        reduction: "sum": over bins and channels, mean over trials; with weights of 1 the loss is then minus the ELBO.
            "mean": over all counted entries (AutoLFADS, lfads-torch). "bin": over channels, mean over the bins of a
            trial, and over trials; terms that are sums over bins, as KLs are, likewise.
        sv_rate: Share of entries hidden for sample validation while training.
        gated: Whether the gradient passes at the entries alone that "_learn" names (coordinated dropout).
        q_samples: Posterior samples of each trial while training.
        nll_weight: Weight of the likelihood, which may change while training; None for 1.
        bounded: Whether the evidence lower bound is reported: minus the likelihood's and the KL terms' sum.
    """

    def __init__(
        self,
        likelihood: Likelihood,
        terms: dict[str, Term],
        regularised: Callable[[], dict[str, list[Any]]],
        reduction: str,
        sv_rate: float = 0.0,
        gated: bool = False,
        q_samples: int = 1,
        nll_weight: LossWeight | None = None,
        bounded: bool = False,
    ) -> None:
        self.likelihood, self.terms, self.regularised = likelihood, terms, regularised
        self.reduction, self.sv_rate, self.gated, self.q_samples = reduction, sv_rate, gated, q_samples
        self.nll_weight, self.neg_elbo = nll_weight, MeanPerTrial(name="neg_elbo") if bounded else None

    def totals(self, batch: dict[str, Any], training: bool) -> Totals:
        """Returns the numbers of a batch before its trials are repeated for several posterior samples."""
        repeats = float(self.q_samples if training else 1)
        trials = tf.cast(tf.shape(batch["x"])[0], tf.float32) * repeats
        return Totals(trials, tf.reduce_sum(learned_from(batch, training)) * repeats)

    def loss(
        self, batch: dict[str, Any], outputs: dict[str, Any], totals: Totals, training: bool
    ) -> tuple[tf.Tensor, dict[str, Sums]]:
        """Returns this part's share of the batch's loss and the sums of its terms, unweighted, by name.

        Args:
            batch: The part, its trials repeated.
            outputs: Of the model for it.
            totals: Of the whole batch.
            training: Whether hidden entries are left out and the gradient is gated.
        """
        trials = tf.cast(tf.shape(batch["x"])[0], tf.float32)
        loss = self._reconstruction(batch, outputs, totals, training)
        loss = loss if self.nll_weight is None else loss * self.nll_weight.value()
        bins = n_bins(batch) if self.reduction == "bin" else 1.0
        sums = {}
        for name, term in self.terms.items():
            value = outputs[f"_{name}"] if f"_{name}" in outputs else self.penalty(name)
            loss += term(value / bins if term.over_bins else value) * (trials / totals.trials)
            sums[name] = term.sums(value, trials)
        if self.neg_elbo is not None:
            sums["neg_elbo"] = self.neg_elbo.sums(tf.reduce_mean(self._negative_bound(batch, outputs)), trials)
        return loss, sums

    def _negative_bound(self, batch: dict[str, Any], outputs: dict[str, Any]) -> tf.Tensor:
        """Returns minus the evidence lower bound of each trial, of all its observed entries, in nats, `(B,)`."""
        nll = tf.reduce_sum(entry_nll(self.likelihood, batch["x"], outputs["raw"], observed(batch)), axis=(1, 2))
        return nll + tf.add_n([outputs[f"_{name}"] for name, term in self.terms.items() if term.kind == "kl"])

    def _reconstruction(self, batch, outputs, totals: Totals, training: bool):
        values = entry_nll(self.likelihood, batch["x"], outputs["raw"], learned_from(batch, training))
        if training and self.gated:
            values = gate_gradient(values, outputs["_learn"])
        if self.reduction == "mean":
            return tf.math.divide_no_nan(tf.reduce_sum(values), totals.entries)
        if training and "visible" in batch:
            values = values / (1.0 - self.sv_rate)
        if self.reduction == "bin":
            values = values / n_bins(batch)[:, None, None]
        return tf.reduce_sum(values) / totals.trials

    def penalty(self, name: str) -> tf.Tensor:
        """Returns the value of an L2 term, without its weight and ramp."""
        kernels = self.regularised()
        total = sum(int(np.prod(k.shape)) for ks in kernels.values() for k in ks)
        return half_mean_square(kernels[name], total)


def learned_from(batch: dict[str, Any], training: bool) -> tf.Tensor:
    """Returns `(B, T, N)` of 0 and 1: entries that the loss counts.

    In sample validation, hidden entries are not learned from.
    """
    counted = observed(batch)
    return counted * batch["visible"] if training and "visible" in batch else counted


def n_bins(batch: dict[str, Any]) -> tf.Tensor:
    """Returns the number of bins of each trial, `(B,)`: up to the last one with anything observed, at least 1."""
    there = tf.reduce_max(observed(batch), axis=-1)
    last = tf.reduce_max(there * tf.range(1.0, tf.cast(tf.shape(there)[1], tf.float32) + 1.0), axis=1)
    return tf.maximum(last, 1.0)


def entry_nll(likelihood: Likelihood, x: tf.Tensor, raw: tf.Tensor, counted: tf.Tensor, **options: Any) -> tf.Tensor:
    """Returns the negative log-likelihood of each entry in nats, `(B, T, N)`, 0 where not `counted`.

    What stands in entries that are not counted is replaced before it enters, so that not even its gradient is felt.
    """
    x = tf.where(counted > 0, x, tf.zeros_like(x))
    return tf.where(counted > 0, -likelihood.log_prob(x, raw, **options), tf.zeros_like(x))


def gate_gradient(values: tf.Tensor, open_: tf.Tensor) -> tf.Tensor:
    """Lets the gradient through where `open_` (boolean) alone; the values stay as they are (coordinated dropout)."""
    return tf.where(open_, values, tf.stop_gradient(values))


def half_mean_square(kernels: list[tf.Tensor], n_elements: int) -> tf.Tensor:
    """Returns half the sum of squares of some kernels over the number of elements of all penalised (LFADS's L2)."""
    return 0.5 * tf.add_n([tf.reduce_sum(tf.square(tf.cast(k, tf.float32))) for k in kernels]) / float(n_elements)
