"""The half of DSAE from its latents on, and trials drawn from the priors."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from indl_vae.builders.create_decoder import Decoded
from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.distributions.priors import Prior
from indl_vae.errors import ConfigError
from indl_vae.layers import sampling_scope
from indl_vae.numerics import derive_seed
from indl_vae.typing import Sessions


class LatentDecoder:
    """Decodes given latents with the layers of a wired model.

    Args:
        inputs: Inputs of the core, by Batch key.
        f_sample: Tensor of the core, `(B, D)`.
        z_sample: Tensor of the core, `(B, T, Z)`.
        decoded: What the core makes of the two.
        beside: What else it is made of, by Batch key; None for what there is not.
        likelihood: Of the observations.
        f_prior: Prior of the static latent.
        z_prior: Prior of the dynamic latent.
        sessions: Of a model whose sessions have channels of their own.
    """

    def __init__(
        self,
        inputs: Mapping[str, Any],
        f_sample: Any,
        z_sample: Any,
        decoded: Decoded,
        beside: Mapping[str, Any],
        likelihood: Likelihood,
        f_prior: Prior,
        z_prior: Prior,
        sessions: Sessions | None = None,
    ) -> None:
        given = {name: tensor for name, tensor in beside.items() if tensor is not None}
        named = {name: tensor for name, tensor in decoded._asdict().items() if tensor is not None}
        self._beside, self._names = tuple(given), tuple(named)
        self._half = keras.Model([f_sample, z_sample, *given.values()], [*named.values()], name="decoder")
        self._encoders = keras.Model(dict(inputs), [f_sample, z_sample], name="latents")
        self._widths = {name: tensor.shape[-1] for name, tensor in given.items()}
        self.likelihood, self.f_prior, self.z_prior, self.sessions = likelihood, f_prior, z_prior, sessions

    def latents(self, batch: Mapping[str, Any], sampled: bool) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns a draw of `(f, z)`, z given that f, from the posteriors of trials by Batch key, or their means."""
        with sampling_scope() if sampled else contextlib.nullcontext():
            f, z = self._encoders({name: batch.get(name) for name in self._encoders.input}, training=False)
        return f, z

    def decode(self, f: Any, z: Any, beside: Mapping[str, Any] | None = None) -> dict[str, tf.Tensor]:
        """Returns rates (expected values), raw, factors and, of a recurrent generator, gen_states.

        Args:
            f: `(B, D)`.
            z: `(B, T, Z)`.
            beside: Arrays by Batch key; of them ext_input `(B, T, U)` and session `(B,)` are read.

        Raises:
            ConfigError: The decoder also needs an external input, or a session, and there is none.
        """
        given = [self._given(name, beside or {}) for name in self._beside]
        values = self._half([tf.cast(f, tf.float32), tf.cast(z, tf.float32), *given], training=False)
        outputs = dict(zip(self._names, values, strict=True))
        return {"rates": self.likelihood.mean(outputs["raw"]), **outputs}

    def sample_prior(
        self, n: int, n_bins: int, seed: int = 0, ext_input: Any = None, session: int = 0
    ) -> dict[str, Any]:
        """Returns rates, factors, f_sample and z_sample of trials drawn from the priors, and gen_states if there are.

        Rates are those of one session's channels, where the model has several.

        Raises:
            ConfigError: An external input is needed.
        """
        f = self.f_prior.sample(n, seed=derive_seed(seed, "f"))
        z = self.z_prior.sample(n, n_bins, seed=derive_seed(seed, "z"))
        outputs = self.decode(f, z, {"ext_input": ext_input, "session": tf.fill((n,), float(session))})
        del outputs["raw"]
        if self.sessions is not None:
            outputs["rates"] = outputs["rates"][..., : self.sessions.specs[session].n_channels]
        return {**outputs, "f_sample": f, "z_sample": z}

    def _given(self, name: str, beside: Mapping[str, Any]) -> tf.Tensor:
        if beside.get(name) is None:
            raise ConfigError(
                f"{name}: this model has a measured external input; pass an array (trials, bins, {self._widths[name]})."
                if name == "ext_input"
                else f"{name}: this model has several sessions; pass the number of each trial's, shape (trials,)."
            )
        return tf.cast(beside[name], tf.float32)
