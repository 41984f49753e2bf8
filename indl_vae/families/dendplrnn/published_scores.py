"""The scalars that the code published with the paper logs of the variational fit, of one trial."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.distributions.priors import DynamicsPrior
from indl_vae.layers.sampling_scope import sampling_scope
from indl_vae.models.objective import entry_nll
from indl_vae.models.posterior import own_randomness

#: Names in the logs, in the order of what `_scores` returns.
NAMES = ("likelihood_x", "likelihood_z", "loss_entropy", "total_grad_norm")


class PublishedScores(keras.callbacks.Callback):
    """Adds to the logs, for a fresh sample of the first trial and per bin, the parts of the objective.

    likelihood_x is log p(x | z), likelihood_z log p(z), loss_entropy the sum of log-deviations; total_grad_norm is that
    of the loss's gradient, max_eigenvalue the largest absolute eigenvalue of the weights between states (Brenner, Hess
    et al. 2022, as coded). The mean over all trials of what is optimised is in loss, nll and kl_z.

    Args:
        prior: The dynamics as a prior.
        batch: The first trial by Batch key.
    """

    def __init__(self, prior: DynamicsPrior, batch: dict[str, Any]) -> None:
        super().__init__()
        self._prior, self._batch, self._compiled = prior, batch, None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is None:
            return
        if self._compiled is None:
            self._compiled = tf.function(self._scores, autograph=False)
        with own_randomness(self.model, epoch):
            values = self._compiled()
        logs.update({name: float(value) for name, value in zip(NAMES, values, strict=True)})
        logs["max_eigenvalue"] = largest_eigenvalue(self._prior)

    def _scores(self) -> tuple[tf.Tensor, ...]:
        model, batch = self.model, self._batch
        weights = [weight.value for weight in model.trainable_weights]
        with tf.GradientTape() as tape, sampling_scope():
            outputs = model.all_outputs(batch)
            totals = model.objective.totals(batch, False)
            loss, _ = model.objective.loss(batch, outputs, totals, False)
        norm = tf.linalg.global_norm([g for g in tape.gradient(loss, weights) if g is not None])
        bins = tf.cast(tf.shape(batch["x"])[1], tf.float32)
        counted = tf.ones_like(batch["x"])
        nll = tf.reduce_sum(entry_nll(model.likelihood, batch["x"], outputs["raw"], counted))
        seen = outputs["_latents"][:, : tf.shape(outputs["z_scale"])[1]]
        log_prior = self._prior.log_prob(seen, None, batch.get("ext_input"), batch.get("sequence"))[0]
        return -nll / bins, log_prior / bins, tf.reduce_sum(tf.math.log(outputs["z_scale"])) / bins, norm


def largest_eigenvalue(prior: DynamicsPrior) -> float:
    """Returns the largest absolute eigenvalue of `diag(a) + W`; of a step with a hidden layer, of `diag(a)`."""
    own, cross = prior.step.self_weights.numpy(), prior.step.cross_weights.numpy()
    square = np.diag(own) + (cross if cross.shape == (len(own), len(own)) else 0.0)
    return float(np.abs(np.linalg.eigvals(square)).max())


def first_trial(split: Any) -> dict[str, Any]:
    """Returns the first training trial by Batch key, without padding, as tensors."""
    batch = split.batch(np.arange(1))
    length = split.n_bins if split.lengths is None else int(split.lengths[0])
    batch = {key: np.asarray(value, np.float32) for key, value in batch.items() if key in ("x", "ext_input")}
    missing = ~np.isfinite(batch["x"])
    batch["x"] = np.where(missing, 0.0, batch["x"])
    return {key: tf.constant(value[:, :length], tf.float32) for key, value in batch.items()} | {
        "sequence": tf.zeros((1,))
    }
