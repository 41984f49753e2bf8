"""What is reported of a batch beside the loss and its terms."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.distributions.likelihoods import Likelihood, PoissonLikelihood
from indl_vae.models.metrics import BitsPerSpike, FlatR2, MeanPerEntry, SumMetric, Sums
from indl_vae.models.objective import entry_nll


@keras.saving.register_keras_serializable(package="indl_vae")
class Trackers(keras.layers.Layer):
    """The scores of a model: likelihoods, bits per spike, agreement with the truth.

    Args:
        likelihood: Of the observations.
        n_channels: Number of channels N.
        heldout_channels: Indices of channels whose likelihood is also reported apart.
    """

    def __init__(self, likelihood: Likelihood, n_channels: int, heldout_channels: list[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.likelihood = likelihood
        self.exact = {"normalizer": "exact"} if isinstance(likelihood, PoissonLikelihood) else {}
        self.heldout = np.isin(np.arange(n_channels), heldout_channels).astype("float32")
        scores: list[SumMetric] = [MeanPerEntry(name="nll"), MeanPerEntry(name="nll_hidden"), FlatR2(name="r2_rates")]
        if heldout_channels:
            scores.append(MeanPerEntry(name="nll_heldout_channels"))
        if likelihood.support == "counts":
            scores.append(BitsPerSpike(n_channels))
        if self.exact:
            scores.append(MeanPerEntry(name="nll_stirling"))
        self.by_name = {score.name: score for score in scores}
        self.built = True

    def sums(self, batch: dict[str, Any], outputs: dict[str, Any], counted: tf.Tensor) -> dict[str, Sums]:
        """Returns the sums of the scores that this kind of batch has; against truth only where there is one."""
        x = tf.where(counted > 0, batch["x"], tf.zeros_like(counted))
        values = entry_nll(self.likelihood, x, outputs["raw"], counted, **self.exact)
        found = {"nll": self.by_name["nll"].sums(values, counted)}
        if "nll_heldout_channels" in self.by_name:
            found["nll_heldout_channels"] = self.by_name["nll_heldout_channels"].sums(values, counted * self.heldout)
        if self.exact:
            stirling = entry_nll(self.likelihood, x, outputs["raw"], counted, normalizer="stirling")
            found["nll_stirling"] = self.by_name["nll_stirling"].sums(stirling, counted)
        if "bits_per_spike" in self.by_name:
            found["bits_per_spike"] = self.by_name["bits_per_spike"].sums(x, outputs["rates"], counted)
        if "truth" in batch:
            truth = tf.where(counted > 0, batch["truth"], tf.zeros_like(x))
            found["r2_rates"] = self.by_name["r2_rates"].sums(truth, outputs["rates"], counted)
        return found

    def hidden_sums(self, x: tf.Tensor, raw: tf.Tensor, hidden: tf.Tensor) -> dict[str, Sums]:
        """Returns the sums of the likelihood of entries that the encoders did not see."""
        values = entry_nll(self.likelihood, x, raw, hidden)
        return {"nll_hidden": self.by_name["nll_hidden"].sums(values, hidden)}
