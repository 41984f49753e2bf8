"""The first discrete state and the first latents of a trial."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.inference.scale import Scale, log_normal
from indl_vae.layers.noise_scale import NoiseScale
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class SwitchingStart(keras.layers.Layer):
    """`z_0 ~ Categorical(pi)`, `x_0 | z_0 = k ~ N(mu_k, S_0)`, with one trained covariance for all states.

    Args:
        n_states: Number of discrete states K.
        dim: Number of latents D.
        triangular: Whether S_0 is full.
        std: Initial deviation of x_0.
        seed: Of the initial means.

    Attributes:
        mean: The means `(K, D)`.
        logits: Of the first state, `(K,)`; one of them is free to be anything, as only differences count.

    Call arguments:
        x: `(..., D)`: latents of the first bin.

    Returns:
        `(..., K)`: log p(z_0 = k) + log p(x_0 | k), in nats.
    """

    def __init__(
        self,
        n_states: int,
        dim: int,
        triangular: bool = False,
        std: float = 0.5,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.n_states, self.dim, self.triangular, self.std = int(n_states), int(dim), bool(triangular), float(std)
        self.seed = seed
        start = keras.initializers.GlorotUniform(derive_seed(seed or 0, "start_mean"))
        self.mean = self.add_weight(shape=(self.n_states, self.dim), initializer=start, name="mean")
        self.logits = None
        if self.n_states > 1:  # of one state there is nothing to be told
            self.logits = self.add_weight(shape=(self.n_states,), initializer="zeros", name="logits")
        self.noise = NoiseScale(self.dim, self.triangular, self.std, name="start_noise")
        self.built = True

    @property
    def scale(self) -> Scale:
        """Factor of S_0."""
        return self.noise.scale

    @property
    def log_probs(self) -> tf.Tensor:
        """Log-probabilities `(K,)` of the first state."""
        return tf.zeros(1) if self.logits is None else tf.nn.log_softmax(tf.convert_to_tensor(self.logits))

    def call(self, x):
        difference = x[..., None, :] - tf.convert_to_tensor(self.mean)
        return self.log_probs + log_normal(difference, self.scale)

    def compute_output_spec(self, x):
        return keras.KerasTensor((*x.shape[:-1], self.n_states), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        names = ("n_states", "dim", "triangular", "std", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
