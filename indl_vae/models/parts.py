"""What a family's wiring hands to the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras

from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.models.term import Term


class VAEParts(NamedTuple):
    """A wired family.

    Attributes:
        core: Functional model from a dict of Batch keys to a dict of named tensors. Names that start with an underscore
            stay inside the model: "_seen" (boolean `(B, T, N)`: entries that an encoder saw) and "_<term>" `(B,)` for
            each entry of `terms` that has a value per trial.
        likelihood: Of the observations; a layer of `core`.
        terms: Terms of the loss beside the likelihood, by name.
        regularised: Function that returns, by name of an L2 term, the recurrent kernels that it penalises.
        sample_prior: Function `(n, n_bins, seed, ext_input)` that returns named arrays drawn from the prior.
    """

    core: keras.Model
    likelihood: Likelihood
    terms: dict[str, Term]
    regularised: Callable[[], dict[str, list[Any]]]
    sample_prior: Callable[..., dict[str, Any]]
