"""A trained decoder of neurons that is asked for any identities."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.distributions.likelihoods import Likelihood
from indl_vae.distributions.priors import Prior
from indl_vae.errors import DataError
from indl_vae.layers import IdentityTable
from indl_vae.models.needed_input import needed_input
from indl_vae.numerics import derive_seed
from indl_vae.params import Params
from indl_vae.typing import DataSpec


class NeuronModel:
    """Decodes latents, with a behaviour, for neurons of any identities, and draws from the prior.

    Args:
        params: The parameters.
        spec: Of the data.
        decoder: From latents `(B, T, L)`, codes `(B, N, E)` and, if there is one, behaviour to raw parameters.
        table: Of the identities' vectors.
        likelihood: Of the observations.
        prior: Of the latents.
    """

    def __init__(
        self,
        params: Params,
        spec: DataSpec,
        decoder: keras.Model,
        table: IdentityTable,
        likelihood: Likelihood,
        prior: Prior,
    ) -> None:
        self.params, self.spec, self.table, self.likelihood = params, spec, table, likelihood
        self.decoder, self.prior = decoder, prior

    def decode(self, latents: Any, behavior: Any = None, identity: Any = None) -> np.ndarray:
        """Returns the expected values of neurons, `(B, T, M)`.

        Args:
            latents: `(B, T, L)`.
            behavior: `(B, T, U)`, for a model with one.
            identity: `(M,)` or `(B, M)`: identities that are asked for, as many as wanted; None for 1, 2, ... N.

        Raises:
            ConfigError: A behaviour is needed.
            DataError: An identity is not one of the model's.
        """
        z = tf.convert_to_tensor(np.asarray(latents, np.float32))
        told = needed_input(behavior, z.shape[1], self.spec.ext_input_dim)
        wanted = self._asked(identity, z.shape[0])
        chunks, width = [], self.spec.n_channels
        for first in range(0, wanted.shape[1], width):
            part = wanted[:, first : first + width]
            filled = np.pad(part, [(0, 0), (0, width - part.shape[1])])
            codes = self.table(tf.zeros((len(part), 1, width)), filled)
            raw = self.decoder([z, codes] if told is None else [z, codes, told], training=False)
            chunks.append(np.asarray(self.likelihood.mean(raw))[..., : part.shape[1]])
        return np.concatenate(chunks, -1)

    def sample_prior(
        self, n: int, n_bins: int, seed: int = 0, ext_input: Any = None, session: int = 0
    ) -> dict[str, tf.Tensor]:
        """Returns rates and factors (latents) of trials whose latents are drawn from the prior."""
        z = self.prior.sample(n, n_bins, derive_seed(seed, "prior"))
        z = tf.repeat(z[:, None], n_bins, axis=1) if len(z.shape) == 2 else z
        return {"rates": tf.convert_to_tensor(self.decode(z, ext_input)), "factors": z}

    def _asked(self, identity: Any, n: int) -> np.ndarray:
        wanted = np.arange(1, self.spec.n_channels + 1) if identity is None else np.asarray(identity, np.int64)
        wanted = np.broadcast_to(wanted, (n, wanted.shape[-1]))
        if wanted.size and not 0 <= wanted.min() <= wanted.max() < self.table.n_identities:
            raise DataError(
                f"identity: expected numbers from 0 to {self.table.n_identities - 1}, which the model was built with, "
                f"got {wanted.min()} to {wanted.max()}."
            )
        return wanted
