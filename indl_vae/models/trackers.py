"""What is reported of a batch beside the loss and its terms."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.distributions.likelihoods import Likelihood, PoissonLikelihood
from indl_vae.models.metrics import BitsPerSpike, FlatR2, MeanPerEntry, SumMetric, Sums
from indl_vae.models.objective import entry_nll
from indl_vae.params import resolve_heldout
from indl_vae.typing import DataSpec


@keras.saving.register_keras_serializable(package="indl_vae")
class Trackers(keras.layers.Layer):
    """The scores of a model: likelihoods, bits per spike, agreement with the truth.

    Args:
        likelihood: Of the observations.
        heldout: `(S, N)` booleans: channels of each session whose likelihood is also reported apart.
    """

    def __init__(self, likelihood: Likelihood, heldout: np.ndarray, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.likelihood = likelihood
        self.exact = {"normalizer": "exact"} if isinstance(likelihood, PoissonLikelihood) else {}
        self.heldout = np.asarray(heldout, "float32")
        scores: list[SumMetric] = [MeanPerEntry(name="nll"), MeanPerEntry(name="nll_hidden"), FlatR2(name="r2_rates")]
        if self.heldout.any():
            scores.append(MeanPerEntry(name="nll_heldout_channels"))
        if likelihood.support == "counts":
            scores.append(BitsPerSpike(self.heldout.shape[1], self.heldout.shape[0]))
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
            heldout = counted * self._heldout_of_trials(batch)
            found["nll_heldout_channels"] = self.by_name["nll_heldout_channels"].sums(values, heldout)
        if self.exact:
            stirling = entry_nll(self.likelihood, x, outputs["raw"], counted, normalizer="stirling")
            found["nll_stirling"] = self.by_name["nll_stirling"].sums(stirling, counted)
        if "bits_per_spike" in self.by_name:
            found["bits_per_spike"] = self.by_name["bits_per_spike"].sums(
                x, outputs["rates"], counted, self._session(batch)
            )
        if "truth" in batch:
            truth = tf.where(counted > 0, batch["truth"], tf.zeros_like(x))
            found["r2_rates"] = self.by_name["r2_rates"].sums(truth, outputs["rates"], counted)
        return found

    def _session(self, batch: dict[str, Any]) -> Any:
        return batch.get("session") if len(self.heldout) > 1 else None

    def _heldout_of_trials(self, batch: dict[str, Any]) -> Any:
        session = self._session(batch)
        return self.heldout if session is None else tf.gather(self.heldout, tf.cast(session, tf.int32))[:, None]

    def hidden_sums(self, x: tf.Tensor, raw: tf.Tensor, hidden: tf.Tensor) -> dict[str, Sums]:
        """Returns the sums of the likelihood of entries that the encoders did not see."""
        values = entry_nll(self.likelihood, x, raw, hidden)
        return {"nll_hidden": self.by_name["nll_hidden"].sums(values, hidden)}


def heldout_table(heldout_channels: Any, spec: DataSpec) -> np.ndarray:
    """Returns `(S, N)` booleans: the channels that are held out of each session.

    Raises:
        ConfigError: As `resolve_heldout`.
    """
    counts = [one.n_channels for one in spec.sessions] or [spec.n_channels]
    table = np.zeros((len(counts), spec.n_channels), bool)
    for row, n_channels in zip(table, counts, strict=True):
        row[list(resolve_heldout(heldout_channels, n_channels))] = True
    return table
