"""Build an LFADS from its parts by hand, train it, then swap one part for another.

A builder is a function `(params, Keras tensors) -> tensors`. Put together they make a `tf.keras.Model` like any other.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from indl_vae import builders
from indl_vae.typing import Latent

PARAMS = {
    "f_rnn_type": "BidirectionalGRUClip",
    "f_units": [32],
    "f_latent_size": 16,
    "z1_units": 16,
    "z_latent_size": 2,
    "gen_cell_type": "Complex",
    "con_units": 16,
    "gen_units": 48,
    "n_factors": 8,
    "likelihood": "poisson",
}


class HandMadeVAE(keras.Model):
    """Encoders, priors, generator and readout from the builders; the loss is minus the evidence lower bound."""

    def __init__(self, params: dict, n_channels: int, decoder=builders.create_generator_lfads) -> None:
        super().__init__()
        x = keras.Input((None, n_channels), name="x")
        f_inputs, z_inputs, _ = builders.prepare_inputs({**params, "coordinated_dropout_rate": 0.0}, x)
        f = builders.make_f_variational(params, builders.create_f_encoder(params, f_inputs))
        z = builders.make_z_variational(params, builders.create_z_encoder(params, z_inputs))
        outputs = decoder(params, f.sample, z.sample)
        raw = builders.make_output_variational(params, outputs[1], out_dim=n_channels)
        self.likelihood = builders.likelihood_of(raw)
        if z.loc is None:  # LFADS draws the inferred inputs inside the generator
            z = Latent(outputs.z_sample, outputs.z_mean, keras.ops.exp(0.5 * outputs.z_logvar))
        kl = builders.create_f_prior(params)(f) + builders.create_z_prior(params)(z)
        self.core = keras.Model(x, {"raw": raw, "kl": kl, "factors": outputs[1]})

    def call(self, x, training=False):
        return self.core(x, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        log_prob = keras.ops.sum(self.likelihood.log_prob(x, y_pred["raw"]), axis=(1, 2))
        return keras.ops.mean(y_pred["kl"] - log_prob)


def spikes(n_trials: int = 64, n_bins: int = 40, n_channels: int = 20, seed: int = 0) -> np.ndarray:
    """Returns counts of neurons that follow one slow oscillation with a random phase."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, (n_trials, 1, 1)) + np.linspace(0, 4 * np.pi, n_bins)[None, :, None]
    return rng.poisson(np.exp(np.sin(phase + rng.uniform(0, 2 * np.pi, n_channels)) - 1.0)).astype("float32")


def fit(model: keras.Model, x: np.ndarray, epochs: int) -> list[float]:
    """Trains with plain Keras and returns the loss of each epoch."""
    model.compile(optimizer=keras.optimizers.Adam(5e-3))
    return model.fit(x, batch_size=32, epochs=epochs, verbose=0).history["loss"]


def main(epochs: int = 15) -> dict[str, list[float]]:
    """Trains the model as built, and once more with its generator swapped; returns the losses by name."""
    x = spikes()
    losses = {"LFADS": fit(HandMadeVAE(PARAMS, x.shape[-1]), x, epochs)}
    swapped = {**PARAMS, "gen_cell_type": "LSTM", "z2_units": 16}  # latents drawn by the encoder, an LSTM decodes them
    losses["LSTM generator"] = fit(HandMadeVAE(swapped, x.shape[-1], builders.create_generator), x, epochs)
    for name, history in losses.items():
        print(f"{name:15s} minus ELBO: {history[0]:8.1f} -> {history[-1]:8.1f} nats per trial")
    return losses


if __name__ == "__main__":
    main()
