"""The published model's class over the wired model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.families.ceneurovae.compat.batches import n_neurons_of, to_batch
from indl_vae.families.ceneurovae.compat.config import VAEConfig
from indl_vae.families.ceneurovae.compat.losses import masked_loss, nll_at_mode
from indl_vae.models.sequential_vae import SequentialVAE
from indl_vae.typing import DataSpec

__all__ = ["NeuroBehaviorVAE", "VAEConfig"]

#: Ending of a file of weights.
WEIGHTS = ".weights.h5"


class NeuroBehaviorVAE:
    """CeNeuroVAE as published; the library's own model is `wired()`.

    No weight depends on the number of neurons. The wired model is made for that of the first batch, and made anew with
    the same weights when a batch has more; narrower batches are filled up with neurons of mask 0.

    Args:
        cfg: The configuration.
        **settings: Further parameters of the family, such as `seed`, `jit_compile` or `neuron_dropout_rate`.

    Call arguments:
        batch: Dict of X `(B, N, T)`, I `(B, N)`, Bx `(B, Tb, T)` and, optionally, M `(B, N, T)`.
        training: Whether dropout acts and z is drawn; otherwise z is mu, and two calls give the same.

    Returns:
        Dict: reconstruction `(B, N, T)`; mu, logvar, z `(B, T, L)`; loss_rec, loss_kl and
        loss_sum = loss_rec + beta_kl loss_kl, scalars.

    Raises:
        ConfigError: The configuration is not usable.
        DataError: A batch does not fit to it.
    """

    def __init__(self, cfg: VAEConfig, **settings: Any) -> None:
        if not isinstance(cfg, VAEConfig):
            raise ConfigError(f"cfg: expected a VAEConfig, got {type(cfg).__name__}; VAEConfig(n_identities=155, ...).")
        self.cfg, self.params = cfg, cfg.to_params(**settings)
        self.nll_at_mode = nll_at_mode(cfg.loss_rec_type)
        self._wired: SequentialVAE | None = None

    def wired(self, n_neurons: int | None = None) -> SequentialVAE:
        """Returns the wired model for at least so many neurons; None for as it is, or one for each label."""
        present = self._wired
        if present is not None and (n_neurons or 0) <= present.spec.n_channels:
            return present
        width = n_neurons or self.cfg.n_identities - 1
        spec = DataSpec(width, None, self.cfg.behavior_dim, n_identities=self.cfg.n_identities)
        self._wired = SequentialVAE(self.params, spec, name="NeuroBehaviorVAE")
        if present is not None:
            self._wired.core.set_weights(present.core.get_weights())
        self.set_kl(self.cfg.beta_kl, self.cfg.tau_freebits)
        return self._wired

    def set_kl(self, beta: float, tau: float) -> None:
        """Sets the weight of the divergence, in published units, and the free bits of the next steps."""
        wired = self.wired()
        for term in wired.terms.values():
            term.weight_value.assign(beta / self.cfg.factor)
        wired.core.get_layer("latent_kl").free_bits.assign(tau)

    def __call__(self, batch: Mapping[str, Any], training: bool = False) -> dict[str, tf.Tensor]:
        n = n_neurons_of(batch)
        wired = self.wired(n)
        inputs = to_batch(batch, self.cfg, wired.spec.n_channels)
        outputs = wired.all_outputs(inputs, training)
        loss_rec = masked_loss(outputs["rates"], inputs["x"], inputs["mask"], self.cfg.loss_rec_type)
        loss_kl = tf.reduce_mean(outputs["_kl_z"] + outputs["_free_bits"])
        return {
            "reconstruction": tf.transpose(outputs["rates"], [0, 2, 1])[:, :n],
            "mu": outputs["z_loc"],
            "logvar": 2.0 * tf.math.log(outputs["z_scale"]),
            "z": outputs["factors"],
            "loss_rec": loss_rec,
            "loss_kl": loss_kl,
            "loss_sum": loss_rec + self.cfg.beta_kl * loss_kl,
        }

    def to(self, *device: Any, **options: Any) -> NeuroBehaviorVAE:
        """Returns the model; where it computes is TensorFlow's choice, and arguments are not looked at."""
        return self

    def summary(self, **options: Any) -> None:
        """Prints the layers of the wired model; options are those of `keras.Model.summary`."""
        self.wired().summary(**options)

    def count_params(self) -> int:
        """Returns the number of trained weights."""
        return sum(int(np.prod(weight.shape)) for weight in self.trainable_weights)

    @property
    def trainable_weights(self) -> list[keras.Variable]:
        """The trained weights."""
        return self.wired().trainable_weights

    def save_weights(self, path: str | Path) -> Path:
        """Writes the weights as HDF5, without pickle.

        Raises:
            ConfigError: The name does not end in .weights.h5.
        """
        path = weights_path(path)
        self.wired().core.save_weights(path)
        return path

    def load_weights(self, path: str | Path) -> None:
        """Reads weights that `save_weights` or `fit_model` wrote for the same configuration."""
        self.wired().core.load_weights(weights_path(path, "path"))
        self.set_kl(self.cfg.beta_kl, self.cfg.tau_freebits)


def weights_path(path: str | Path, name: str = "path") -> Path:
    """Returns the path of a file of weights.

    Raises:
        ConfigError: The name does not end as Keras wants.
    """
    if not str(path).endswith(WEIGHTS):
        raise ConfigError(f"{name}: expected a name that ends in {WEIGHTS} (HDF5, no pickle), got {str(path)!r}.")
    return Path(path)
