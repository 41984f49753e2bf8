"""The one model class: every family is a `SequentialVAE` around its own core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.distributions.likelihoods import PoissonLikelihood
from indl_vae.models.batch import as_batch, observed, repeat_trials
from indl_vae.models.metrics import BitsPerSpike, FlatR2, MeanPerEntry
from indl_vae.models.objective import entry_nll, gate_gradient, half_mean_square, reduce_nll
from indl_vae.models.posterior import average_posterior
from indl_vae.models.precision import precision_scope
from indl_vae.params import Params, make_params, resolve_heldout
from indl_vae.registry import family_wiring
from indl_vae.typing import DataSpec


@keras.saving.register_keras_serializable(package="indl_vae")
class SequentialVAE(keras.Model):
    """A sequential variational autoencoder of one family, trained with `compile` and `fit`.

    The loss is the masked negative log-likelihood plus the family's terms (KL divergences, L2), each with its weight
    and ramp. With `nll_reduction="sum"` and KL weights of 1 it is minus the evidence lower bound per trial (plus L2).

    Args:
        params: The family's parameters, or the dict that makes them.
        spec: `DataSpec`, or the dict that makes it.

    Call arguments:
        batch: Array `(B, T, N)`, or dict of Batch keys: x, and optionally mask (1 = observed), visible (0 = hidden from
            the encoders), ext_input, truth (expected counts per bin, for scores alone).
        training: Whether dropout acts and posteriors are sampled.

    Returns:
        Dict: rates (expected counts per bin, `(B, T, N)`), raw (likelihood parameters), factors, and the family's
        latents and states.
    """

    def __init__(self, params: Params | Mapping[str, Any], spec: DataSpec | Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.params = params if isinstance(params, Params) else make_params(params["family"], dict(params))
        self.spec = spec if isinstance(spec, DataSpec) else DataSpec(**spec)
        with precision_scope(self.params.mixed_precision):
            parts = family_wiring(self.params.family)(self.params, self.spec)
        self.core, self.likelihood, self.terms = parts.core, parts.likelihood, parts.terms
        self._regularised, self._sample_prior = parts.regularised, parts.sample_prior
        self._make_trackers()
        self._untracked: set[str] = set()
        self.built = True

    def _make_trackers(self) -> None:
        self.nll_tracker = MeanPerEntry(name="nll")
        self.hidden_tracker = MeanPerEntry(name="nll_hidden")
        self.r2_tracker = FlatR2(name="r2_rates")
        heldout = resolve_heldout(self.params.heldout_channels, self.spec.n_channels)
        self._heldout = np.isin(np.arange(self.spec.n_channels), heldout).astype("float32")
        if heldout:
            self.heldout_tracker = MeanPerEntry(name="nll_heldout_channels")
        self.counts = self.likelihood.support == "counts"
        if self.counts:
            self.bits_tracker = BitsPerSpike(self.spec.n_channels)
        if isinstance(self.likelihood, PoissonLikelihood):
            self.stirling_tracker = MeanPerEntry(name="nll_stirling")

    def build(self, input_shape=None) -> None:
        """The core is built by the constructor."""

    def call(self, batch, training=False):
        outputs = self.all_outputs(batch, training)
        return outputs if training else {k: v for k, v in outputs.items() if not k.startswith("_")}

    def all_outputs(self, batch: Any, training: bool = False) -> dict[str, Any]:
        """Returns the outputs of `call` and, under names with an underscore, what the loss needs besides."""
        batch = as_batch(batch, self.spec)
        if training:
            batch = repeat_trials(batch, self.params.q_samples)
        outputs = self.core({name: batch.get(name) for name in self.core.input}, training=training)
        return {"rates": self.likelihood.mean(outputs["raw"]), **outputs}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Returns the scalar loss of a batch and updates the metrics; `y` and `sample_weight` are not used."""
        batch = as_batch(x, self.spec)
        if training:
            batch = repeat_trials(batch, self.params.q_samples)
        counted = observed(batch)
        loss = self._reconstruction(batch, y_pred, counted, training)
        for name, term in self.terms.items():
            loss += term(y_pred[f"_{name}"] if f"_{name}" in y_pred else self._penalty(name))
        self._track(batch, y_pred, counted)
        loss += tf.add_n(self.losses) if self.losses else 0.0
        return loss / tf.distribute.get_strategy().num_replicas_in_sync

    def _reconstruction(self, batch, outputs, counted, training):
        if training and "visible" in batch:  # sample validation: hidden entries are not learned from
            counted = counted * batch["visible"]
        values = entry_nll(self.likelihood, batch["x"], outputs["raw"], counted)
        if training and self.params.coordinated_dropout_rate > 0:
            values = gate_gradient(values, outputs["_learn"])
        if training and "visible" in batch and self.params.nll_reduction == "sum":
            values = values / (1.0 - self.params.sv_rate)
        return reduce_nll(values, counted, self.params.nll_reduction)

    def _penalty(self, name: str):
        kernels = self._regularised()
        total = sum(int(np.prod(k.shape)) for ks in kernels.values() for k in ks)
        return half_mean_square(kernels[name], total)

    def _track(self, batch, outputs, counted) -> None:
        x = tf.where(counted > 0, batch["x"], tf.zeros_like(counted))
        exact = {"normalizer": "exact"} if isinstance(self.likelihood, PoissonLikelihood) else {}
        values = entry_nll(self.likelihood, x, outputs["raw"], counted, **exact)
        self.nll_tracker.update_state(values, counted)
        if self._heldout.any():
            self.heldout_tracker.update_state(values, counted * self._heldout)
        if exact:
            stirling = entry_nll(self.likelihood, x, outputs["raw"], counted, normalizer="stirling")
            self.stirling_tracker.update_state(stirling, counted)
        if self.counts:
            self.bits_tracker.update_state(x, outputs["rates"], counted)
        self._untracked = {"nll_hidden"} if "truth" in batch else {"nll_hidden", "r2_rates"}
        if "truth" in batch:
            self.r2_tracker.update_state(
                tf.where(counted > 0, batch["truth"], tf.zeros_like(x)), outputs["rates"], counted
            )

    def test_step(self, data):
        """Scores a batch.

        Where it says what to hide, the entries hidden from the encoders are scored in a second pass.
        """
        batch = as_batch(keras.utils.unpack_x_y_sample_weight(data)[0], self.spec)
        visible = batch.pop("visible", None)
        loss = self.compute_loss(x=batch, y_pred=self.all_outputs(batch), training=False)
        self._loss_tracker.update_state(loss, sample_weight=tf.shape(batch["x"])[0])
        if visible is not None:
            raw = self({**batch, "visible": visible}, training=False)["raw"]
            hidden = observed(batch) * (1.0 - visible)
            self.hidden_tracker.update_state(entry_nll(self.likelihood, batch["x"], raw, hidden), hidden)
            self._untracked = self._untracked - {"nll_hidden"}
        return self.get_metrics_result()

    def predict_step(self, data):
        """Returns the outputs of a batch; there are no targets to unpack."""
        return self(keras.utils.unpack_x_y_sample_weight(data)[0], training=False)

    def get_metrics_result(self):
        """Returns the metrics that this kind of batch has.

        Scores against truth and of hidden entries only with them.
        """
        return {k: v for k, v in super().get_metrics_result().items() if k not in self._untracked}

    def fit(self, x=None, *args, callbacks=None, **kwargs):
        """`keras.Model.fit`; counts the epochs for batches whose order depends on them (`dataset.train.batches`)."""
        clock = getattr(x, "clock", None)
        if clock is not None:
            count = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: clock.assign(epoch))
            callbacks = [count, *(callbacks or [])]
            kwargs.setdefault("shuffle", False)  # these batches shuffle themselves; Keras would warn that it does not
        return super().fit(x, *args, callbacks=callbacks, **kwargs)

    def summary(self, *args, **kwargs):
        """`keras.Model.summary` of the model and of the core inside it."""
        return super().summary(*args, **{"expand_nested": True, **kwargs})

    def posterior(
        self, data: Any, samples: int = 50, seed: int = 0, push_mean: bool = False, batch_size: int | None = None
    ) -> dict[str, np.ndarray]:
        """Averages the outputs over samples of the posterior, in bounded memory.

        Args:
            data: Array `(B, T, N)`, dict of Batch keys, or a split of a dataset.
            samples: Number of posterior samples per trial.
            seed: The same seed gives the same numbers.
            push_mean: Push the posterior means through instead of averaging over samples.
            batch_size: Trials times samples in memory at once.

        Returns:
            Arrays by name: rates (expected counts per bin, averaged as rates), factors, gen_states, f_loc, ...
        """
        return average_posterior(self, data, samples, seed, push_mean, batch_size)

    def sample_prior(
        self, n: int, seed: int = 0, n_bins: int | None = None, ext_input: Any = None
    ) -> dict[str, np.ndarray]:
        """Draws `n` trials from the prior.

        Args:
            n: Number of trials.
            seed: The same seed gives the same trials.
            n_bins: Length; that of the training data by default.
            ext_input: `(n, T, U)`, for a model with measured external input.
        """
        outputs = self._sample_prior(n, n_bins or self.spec.n_bins, seed, ext_input)
        return {k: np.asarray(v) for k, v in outputs.items()}

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "params": self.params.model_dump(mode="json"), "spec": self.spec.to_dict()}
