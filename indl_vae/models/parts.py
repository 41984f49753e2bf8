"""What a family's wiring hands to the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import keras
import tensorflow as tf

from indl_vae.data.dataset import Dataset
from indl_vae.data.split import Split
from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.models.loss_weight import LossWeight
from indl_vae.models.term import Term
from indl_vae.params import Params


class CarriedRun(Protocol):
    """How a family runs a recording piece by piece, its state carried from one piece to the next.

    Posterior means are pushed through; nothing is sampled.
    """

    @property
    def n_leading(self) -> int:
        """Bins at the start that must be there before anything can be inferred."""

    def obstacles(self) -> list[str]:
        """Returns what makes the model look at later bins, each with the parameter to change; empty if it is causal."""

    def start(self, x: tf.Tensor, ext_input: tf.Tensor | None) -> dict[str, tf.Tensor]:
        """Returns the states before the first bin, from the leading bins `(B, n_leading, N)`."""

    def advance(
        self, x: tf.Tensor, states: dict[str, tf.Tensor], ext_input: tf.Tensor | None
    ) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
        """Returns the outputs `(B, T, ...)` of the bins `x` `(B, T, N)`, and the states after them."""


class Feed(Protocol):
    """How a family's models are fed while training, where that is not by whole trials."""

    def training_batches(self, split: Split, settings: Params) -> Any:
        """Returns batches of a training split for `fit`, with an attribute `clock` to count epochs by."""

    def callbacks(self, split: Split) -> list[keras.callbacks.Callback]:
        """Returns what has to act while training on the split."""


class VAEParts(NamedTuple):
    """A wired family.

    Attributes:
        core: Functional model from a dict of Batch keys to a dict of named tensors. Names that start with an underscore
            stay inside the model: "_seen" (boolean `(B, T, N)`: entries that an encoder saw), "_<term>" `(B,)` for
            each entry of `terms` that has a value per trial, and "_log_ratio_<latent>" `(B,)`, log q - log p at the
            sample, where the importance-weighted bound is to be offered.
        likelihood: Of the observations; a layer of `core`.
        terms: Terms of the loss beside the likelihood, by name.
        regularised: Function that returns, by name of an L2 term, the recurrent kernels that it penalises.
        sample_prior: Function `(n, n_bins, seed, ext_input)` that returns named arrays drawn from the prior.
        carried_run: Runs recordings piece by piece; None where the family cannot.
        encodings: Tensors of `core` that, with the number of the session, everything named in the outputs follows
            from, and on the way to which nothing is drawn outside of training: of several posterior samples of a
            trial, they need to be made only once. None where there are no such tensors.
        methods: What the family's models can do besides, by the name under which a model offers it; functions whose
            first argument is the model.
        feed: How the model is fed while training; None for batches of whole trials.
        nll_weight: Weight of the likelihood in the loss, which may change while training; None for 1.
        bounded: Whether minus the sum of the likelihood and the KL terms is a bound of each trial's evidence, to be
            reported as such.
        start: Sets weights that training starts from, of a data set; None to leave them as they are.
    """

    core: keras.Model
    likelihood: Likelihood
    terms: dict[str, Term]
    regularised: Callable[[], dict[str, list[Any]]]
    sample_prior: Callable[..., dict[str, Any]]
    carried_run: CarriedRun | None = None
    encodings: tuple[Any, ...] | None = None
    methods: Mapping[str, Callable[..., Any]] = MappingProxyType({})
    feed: Feed | None = None
    nll_weight: LossWeight | None = None
    bounded: bool = False
    start: Callable[[Dataset], None] | None = None
