"""The layers of neurons with identities, for the contract tests."""

from __future__ import annotations

import keras

from indl_vae import layers
from tests.layers.case import B, Case, N, T, seeded, trained, unseeded

ENTRIES = {"x": (B, T, N), "seen": (B, T, N)}


def _kl(layer, *, training=False, summed, loc, steps):
    made = layer(keras.ops.softplus(summed), loc, steps)
    return [made.total, made.cost, made.free, made.per_latent]


def _hidden(layer, *, training=False, x, observed, visible):
    return layer(x, observed, visible, training=training)


NEURON_CASES: dict[str, Case] = {
    "BehaviorDropout": Case(seeded(layers.BehaviorDropout, rate=0.5), {"behavior": (B, T, 2)}, trained, True),
    "FiLM": Case(seeded(layers.FiLM), {"hidden": (B, T, 5), "condition": (B, T, 2)}),
    "HiddenNeurons": Case(
        seeded(layers.HiddenNeurons, rate=0.5, heldout=(1,), heldout_bins=2),
        {"x": (B, T, N), "observed": (B, T, N), "visible": (B, T, N)},
        _hidden,
        True,
    ),
    "IdentityReadIn": Case(seeded(layers.IdentityReadIn, units=5), {**ENTRIES, "codes": (B, N, 3)}),
    "IdentityReadOut": Case(
        seeded(layers.IdentityReadOut, outputs=2, constant=1), {"states": (B, T, 6), "codes": (B, N, 3)}
    ),
    "IdentityTable": Case(seeded(layers.IdentityTable, n_identities=N + 1, dim=3), {"x": (B, T, N)}),
    "LatentKL": Case(
        lambda seed=1, dtype=None, **kwargs: layers.LatentKL(0.2, **kwargs),
        {"summed": (B, 3), "loc": (B, T, 3), "steps": (B, T)},
        _kl,
    ),
    "MeanOverTime": Case(unseeded(layers.MeanOverTime), {"values": (B, T, 3), "steps": (B, T)}),
    "NeuronReadout": Case(
        seeded(layers.NeuronReadout, units=5, outputs=2, constant=1), {"states": (B, T, 6), "codes": (B, N, 3)}
    ),
    "NeuronTokens": Case(seeded(layers.NeuronTokens, units=5), ENTRIES),
    "NeuronTokens attention": Case(
        seeded(layers.NeuronTokens, units=5, pooling="attention"), {**ENTRIES, "codes": (B, N, 3)}
    ),
    "TemporalBlock": Case(
        seeded(layers.TemporalBlock, kernel_size=3, dilation=2, dropout=0.3),
        {"x": (B, T, 5), "steps": (B, T)},
        trained,
        True,
    ),
    "TransformerBlock post-norm": Case(
        seeded(
            layers.TransformerBlock,
            n_heads=2,
            head_size=3,
            units=5,
            dropout=0.3,
            post_norm=True,
            activation="gelu",
            attention_dropout=0.3,
        ),
        {"x": (B, T, 6), "steps": (B, T)},
        trained,
        True,
    ),
}
