"""Builders of several regions: numbers of weights, and who is read from whom."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.builders import RegionReadout, create_region_encoder, create_switching_dynamics
from indl_vae.errors import ConfigError

SIZES = (10, 8)
#: What the published code's first configuration sets.
TOY = {
    "region_latents": 2,
    "embedding_units": [8],
    "sequence_encoder": "transformer",
    "n_blocks": 1,
    "n_heads": 3,
    "head_size": 35,
    "block_units": 4,
    "mlp_units": [32],
    "transition_units": 2,
}


def count(weights):
    return int(sum(np.prod(weight.shape) for weight in weights))


def test_numbers_of_weights_are_those_of_the_published_encoder_and_readout():
    x, u = keras.Input((None, 18)), keras.Input((None, 2))
    codes = create_region_encoder(TOY, x, SIZES, u)
    encoder = keras.Model([x, u], codes)
    heads = 32 * 4 + 4
    assert count(encoder.trainable_weights) + heads == 8871 + 160
    latents = keras.Input((None, 4))
    readout = RegionReadout({**TOY, "likelihood": "gaussian", "gaussian_scale": "fixed"}, SIZES)
    assert count(keras.Model(latents, readout(latents)).trainable_weights) == 54


@pytest.mark.parametrize(
    ("options", "dynamics"),
    [({}, 4880), ({"n_states": 2}, 9760), ({"n_states": 2, "state_as_input": True}, 5424)],
)
def test_numbers_of_weights_are_those_of_the_published_dynamics(options, dynamics):
    system = create_switching_dynamics({**TOY, "transition_units": 8, **options}, 2, 2)
    assert system.dynamics.count_params() == dynamics
    assert count(system.transition.trainable_weights) == (76 if options else 0), (
        "4 latents, 8 hidden units, 2 x 2 logits"
    )
    assert count([system.start.mean]) == 4 * system.n_states


def test_options_reach_the_dynamics():
    options = {
        "communication": "conditional", "dynamics_units": [5], "dynamics_activations": ["tanh", "relu"],
        "dynamics_dropout": 0.1, "residual": True, "input_networks": "together", "input_units": [3],
        "input_activations": "tanh", "conditional_inputs": True, "correction_inputs": True, "full_process_noise": True,
        "process_noise": 0.3, "start_std": 0.7, "full_start_noise": True, "inputs_to_states": True, "n_states": 3,
    }  # fmt: skip
    system = create_switching_dynamics({"region_latents": 2, **options}, 3, 2)
    made, moves = system.dynamics, system.transition
    assert (made.communication, made.units, made.activations) == ("conditional", (5,), ("tanh", "relu"))
    assert (made.dropout, made.residual, made.input_networks, made.correction_dim) == (0.1, True, "together", 2)
    assert (made.input_units, made.input_activations, made.conditional_inputs) == ((3,), ("tanh", None), True)
    assert (moves.dim, moves.input_dim, system.triangular, system.start.triangular) == (6, 2, True, True)
    np.testing.assert_allclose(np.diag(system.noise.scale.factor), 0.3, rtol=1e-3)
    alone = create_switching_dynamics({"single_region_latent": True, "inputs_to_latents": False}, 3, 2)
    assert (alone.dynamics.n_regions, alone.dynamics.dim, alone.dynamics.input_dim) == (1, 6, 0)


@pytest.mark.parametrize("options", [{}, {"sequence_encoder": "transformer", "positions": False}])
def test_attention_without_positions_does_not_know_the_order_of_bins(options):
    x = keras.Input((None, 18))
    model = keras.Model(x, create_region_encoder(options | {"mlp_dropout": 0.2}, x, SIZES))
    values = np.random.default_rng(0).normal(size=(2, 6, 18)).astype("float32")
    turned = model(values[:, ::-1]).numpy()[:, ::-1]
    assert np.allclose(model(values), turned, atol=1e-5) == bool(options)


def test_a_region_is_read_out_from_its_own_latents():
    readout = RegionReadout(
        {"region_latents": 2, "likelihood": "poisson", "emission_units": [5], "emission_activations": "tanh"}, SIZES
    )
    latents = keras.Input((None, 4))
    model = keras.Model(latents, readout(latents))
    x = tf.Variable(np.random.default_rng(0).normal(size=(1, 1, 4)).astype("float32"))
    with tf.GradientTape() as tape:
        second = tf.reduce_sum(model(x)[..., 10:])
    felt = tape.gradient(second, x).numpy()[0, 0]
    assert not felt[:2].any() and felt[2:].all()


@pytest.mark.parametrize("likelihood", ["gaussian", "poisson", "negative_binomial"])
def test_links(likelihood):
    latents = keras.Input((None, 4))
    options = {"region_latents": 2, "likelihood": likelihood, "gaussian_scale": "per_bin"}
    links = ("auto", "exp", "softplus") if likelihood != "negative_binomial" else ("auto",)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    made = {}
    for link in links:
        readout = RegionReadout({**options, "emission_link": link}, SIZES)
        made[link] = readout.likelihood.mean(keras.Model(latents, readout(latents))(x)).numpy()
    assert all(values.shape == (2, 3, 18) for values in made.values())
    if likelihood == "gaussian":
        np.testing.assert_allclose(made["exp"], np.exp(made["auto"]), rtol=1e-5)
        np.testing.assert_allclose(made["softplus"], np.log1p(np.exp(made["auto"])), rtol=1e-5)
    if likelihood == "poisson":
        np.testing.assert_allclose(made["exp"], made["auto"], rtol=1e-6)
        np.testing.assert_allclose(made["softplus"], np.log1p(made["exp"]), rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dynamics_activations": ["relu", "tanh", None, None]}, "dynamics_activations: expected 1 or 2 activations"),
        ({"input_activations": ["relu", "tanh"]}, "input_activations: expected 1 or 0 activations"),
        ({"embedding_units": [4, 4], "embedding_activations": ["relu"] * 3}, "embedding_activations: expected 1 or 2"),
        ({"emission_units": [4, 4], "emission_activations": ["relu"] * 3}, "emission_activations: expected 1 or 2"),
        ({"dynamics_activations": ["loud"]}, "expected activations of relu, .* or null, got 'loud'"),
        ({"single_region_latent": True, "communication": "conditional"}, "'additive' with single_region_latent"),
        ({"likelihood": "poisson", "emission_link": "none"}, "emission_link: expected 'exp' or 'softplus'"),
        ({"likelihood": "bernoulli", "emission_link": "exp"}, "emission_link: expected 'auto' with likelihood = 'bern"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    x = keras.Input((None, 18))
    with pytest.raises(ConfigError, match=message):
        create_switching_dynamics(options, 2, 2)
        create_region_encoder(options, x, SIZES)
        RegionReadout(options, SIZES)


def test_latents_must_be_those_of_the_regions():
    with pytest.raises(ConfigError, match="region_sizes: expected latents of 2 regions with 2 each, got 6 latents"):
        RegionReadout({"region_latents": 2}, SIZES)(keras.Input((None, 6)))
