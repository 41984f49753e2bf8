"""The half of FHVAE from its latents on, and sequences drawn from the priors."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.distributions.priors import Prior
from indl_vae.errors import ConfigError
from indl_vae.layers import SequenceMeans, SessionReadOut, random, sampling_scope
from indl_vae.numerics import derive_seed


class SegmentDecoder:
    """Encodes sequences and decodes given latents with the layers of a wired model.

    Args:
        encoders: Model from Batch keys to f `(B, S, D)`, z `(B, S, Z)` and which segments count `(B, S)`.
        half: Model from f and z to the factors of segments `(B * S, L, U)`.
        core: The wired model, whose read-out is used.
        means: The table of means.
        likelihood: Of the observations.
        f_prior: p(f) around the mean of the sequence.
        z_prior: p(z).
    """

    def __init__(
        self,
        encoders: keras.Model,
        half: keras.Model,
        core: keras.Model,
        means: SequenceMeans,
        likelihood: Likelihood,
        f_prior: Prior,
        z_prior: Prior,
    ) -> None:
        self.encoders, self.means = encoders, means
        self._half, self._core, self._likelihood = half, core, likelihood
        self._f_prior, self._z_prior = f_prior, z_prior

    @property
    def length(self) -> int:
        """Bins of a segment."""
        return int(self._half.output.shape[1])

    def latents(self, batch: Mapping[str, Any], sampled: bool) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Returns draws of f and z given that f, or posterior means, and which segments count `(B, S)`."""
        with sampling_scope() if sampled else contextlib.nullcontext():
            given = {name: batch.get(name) for name in self.encoders.input}
            return tuple(self.encoders(given, training=False))

    def decode(self, f: Any, z: Any, n_bins: int, session: Any = None) -> dict[str, tf.Tensor]:
        """Returns rates (expected values) and factors, `(B, n_bins, ...)`, of f `(B, S, D)` and z `(B, S, Z)`."""
        f, z = tf.cast(f, tf.float32), tf.cast(z, tf.float32)
        factors = self._half([f, z], training=False)
        factors = tf.reshape(factors, (f.shape[0], -1, factors.shape[-1]))[:, :n_bins]
        return {"rates": self._likelihood.mean(self._likelihood(self._read_out(factors, session))), "factors": factors}

    def sample_prior(
        self, n: int, n_bins: int, seed: int = 0, ext_input: Any = None, session: int = 0
    ) -> dict[str, Any]:
        """Returns rates, factors, sequence_mean, f_sample and z_sample of sequences drawn from the priors.

        Rates are those of one session's channels, where the model has several.
        """
        n_segments = -(-n_bins // self.length)
        mean = self.means.mean_std * random.normal((n, self.means.dim), derive_seed(seed, "mean"))
        f = mean[:, None] + self._f_prior.sample(n, n_segments, seed=derive_seed(seed, "f"))
        z = self._z_prior.sample(n, n_segments, seed=derive_seed(seed, "z"))
        outputs = self.decode(f, z, n_bins, tf.fill((n,), session))
        readout = self._core.get_layer("readout")
        if isinstance(readout, SessionReadOut):
            outputs["rates"] = outputs["rates"][..., : readout.channels[session]]
        return {**outputs, "sequence_mean": mean, "f_sample": f, "z_sample": z}

    def _read_out(self, factors: tf.Tensor, session: Any) -> tf.Tensor:
        readout = self._core.get_layer("readout")
        if not isinstance(readout, SessionReadOut):
            return readout(factors)
        if session is None:
            raise ConfigError("session: this model has several sessions; pass the number of each trial's, (trials,).")
        return readout(factors, session)
