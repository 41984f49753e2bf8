"""One step of training or of scoring, from a batch to what is reported of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from indl_vae.inference.compilation import compilation_scope
from indl_vae.layers import random
from indl_vae.layers.batch_window import batch_window
from indl_vae.models.augment import augmented
from indl_vae.models.batch import observed, repeat_trials
from indl_vae.models.lanes import Lanes
from indl_vae.models.metrics import Sums
from indl_vae.models.objective import Totals
from indl_vae.models.skipped_steps import all_finite, apply_if

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

Batch = dict[str, Any]


class BatchStep:
    """The steps of a model, their heavy part in lanes.

    Args:
        model: Whose objective, optimizer, metrics and seed generators are used.
        lanes: Largest number of lanes; with 1 nothing is compiled here, and Keras compiles the step as a whole.
        compiled: Whether XLA compiles the step, here or as a whole.
    """

    def __init__(self, model: SequentialVAE, lanes: int, compiled: bool) -> None:
        self.model, self._is_compiled = model, compiled
        self._gradients = Lanes(self._part_gradients, lanes)
        self._scores = Lanes(self._part_scores, lanes)
        compiled = tf.function(self._apply, jit_compile=True, reduce_retracing=True, autograph=False)
        self._update = compiled if lanes > 1 else self._apply

    def train(self, batch: Batch) -> dict[str, Any]:
        """Takes an optimizer step on a batch; returns the metrics so far.

        Where the loss or the gradient is not finite, the step is skipped: it leaves no trace in weights, optimizer and
        metrics but its count, `skipped_steps`. The random numbers move on.
        """
        trials = tf.shape(batch["x"])[0]
        window = _first_trial(trials)
        with batch_window(window):
            batch = augmented(batch, self.model.augmentation)
        loss, gradients, sums = self._gradients(batch, (self._totals(batch, True), window))
        loss, sums, trials = _over_replicas((loss, sums, trials))
        finite = _on_all_replicas(all_finite(loss, gradients))
        self._update(finite, loss, _clipped_over_replicas(gradients, self.model.optimizer), sums, trials)
        return self.model.reported(set(sums)) | {"skipped_steps": self.model.skipped_steps.of_epoch()}

    def test(self, batch: Batch) -> dict[str, Any]:
        """Scores a batch; returns the metrics so far.

        Where it says what to hide, the entries hidden from the encoders are scored in a second pass.
        """
        trials = tf.shape(batch["x"])[0]
        loss, sums = self._scores(batch, (self._totals(batch, False), _first_trial(trials)))
        self.model.add_scores(*_over_replicas(_of_some_trials(trials, (loss, sums, trials))))
        return self.model.reported(set(sums))

    def of_part(self, batch: Batch, first: int, totals: Totals, training: bool) -> tuple[tf.Tensor, list]:
        """Returns the share of a part of a batch in the loss, and in its gradient where `training`.

        Args:
            batch: The part.
            first: Index of its first trial in the batch.
            totals: Of the batch.
            training: Whether it is a part of a training step.
        """
        whole = (totals, tf.constant(0))
        if training:
            return self._part_gradients(batch, tf.constant(first), whole)[:2]
        return self._part_scores(batch, tf.constant(first), whole)[0], []

    def _part_gradients(self, batch: Batch, first: tf.Tensor, whole: tuple[Totals, tf.Tensor]):
        totals, window = whole
        weights = self.model.trainable_weights
        with compilation_scope(self._is_compiled):
            with batch_window((window + first) * self.model.params.q_samples), tf.GradientTape() as tape:
                outputs = self.model.all_outputs(batch, training=True)
                repeated = repeat_trials(batch, self.model.params.q_samples)
                loss, sums = self.model.loss_and_sums(repeated, outputs, totals, training=True)
                scaled = self.model.optimizer.scale_loss(loss)
            gradients = tape.gradient(scaled, weights)
        return loss, [None if g is None else tf.convert_to_tensor(g) for g in gradients], sums

    def _part_scores(self, batch: Batch, first: tf.Tensor, whole: tuple[Totals, tf.Tensor]):
        totals, window = whole
        with batch_window(window + first):
            whole_view = {k: v for k, v in batch.items() if k != "visible"}
            outputs = self.model.all_outputs(whole_view)
            loss, sums = self.model.loss_and_sums(whole_view, outputs, totals, training=False)
            if "visible" in batch:
                raw = self.model(batch, training=False)["raw"]
                hidden = observed(batch) * (1.0 - batch["visible"])
                sums |= self.model.trackers.hidden_sums(batch["x"], raw, hidden)
        return loss, sums

    def _apply(
        self, finite: tf.Tensor, loss: tf.Tensor, gradients: list, sums: dict[str, Sums], trials: tf.Tensor
    ) -> None:
        self.model.skipped_steps.record(finite)
        apply_if(finite, self.model.optimizer, gradients, self.model.trainable_weights)
        nothing = lambda value: tf.where(finite, value, tf.zeros_like(value))  # noqa: E731
        self.model.add_scores(*tf.nest.map_structure(nothing, (loss, sums, trials)))
        random.advance(self.model.seed_generators)

    def _totals(self, batch: Batch, training: bool) -> Totals:
        view = batch if training else {k: v for k, v in batch.items() if k != "visible"}
        return _over_replicas(self.model.objective.totals(view, training))


def _of_some_trials(trials: tf.Tensor, sums: Any) -> Any:
    """Returns sums, 0 for no trials: of a smaller last batch, one of several devices may get none."""
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return sums
    return tf.nest.map_structure(lambda value: tf.where(trials > 0, value, tf.zeros_like(value)), sums)


def _over_replicas(sums: Any) -> Any:
    """Returns the sums over the global batch, where several devices share it."""
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return sums
    return tf.nest.map_structure(lambda value: replica.all_reduce("sum", value), sums)


def _on_all_replicas(finite: tf.Tensor) -> tf.Tensor:
    """Returns whether what is finite here is so on every device."""
    return _over_replicas(tf.cast(tf.logical_not(finite), tf.float32)) == 0.0


def _clipped_over_replicas(gradients: list, optimizer: keras.optimizers.Optimizer) -> list:
    """Clips the gradient of the global batch, where several devices share it.

    Keras clips each device's part before it adds them up. What is returned is the clipped whole over the number of
    devices, which Keras then adds up to it again.
    """
    replica = tf.distribute.get_replica_context()
    norm = getattr(optimizer, "global_clipnorm", None)
    if replica is None or replica.num_replicas_in_sync == 1 or not norm:
        return gradients
    known = [gradient for gradient in gradients if gradient is not None]
    clipped = iter(tf.clip_by_global_norm(replica.all_reduce("sum", known), norm)[0])
    return [None if g is None else next(clipped) / float(replica.num_replicas_in_sync) for g in gradients]


def _first_trial(trials: tf.Tensor) -> tf.Tensor:
    """Returns the index in the global batch of this device's first trial."""
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return tf.constant(0)
    return tf.cast(replica.replica_id_in_sync_group, tf.int32) * trials
