"""Generator state travels with the weights."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae_tests")
class Noisy(Seeded, keras.layers.Layer):
    """Adds noise of two generators to a scaled input."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = keras.random.SeedGenerator(1)
        self.second = keras.random.SeedGenerator(2)
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

    def call(self, x):
        noise = keras.random.normal(tf.shape(x), seed=self.first) + 10 * keras.random.normal(
            tf.shape(x), seed=self.second
        )
        return self.scale * x + noise


def make_model(layer):
    x = keras.Input((3,))
    return keras.Model(x, layer(x))


X = np.zeros((2, 3), "f4")


def test_keras_file_restores_an_advanced_generator(tmp_path):
    model = make_model(Noisy())
    for _ in range(3):
        model(X)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for _ in range(2):
        np.testing.assert_array_equal(model(X), loaded(X))
    assert not np.array_equal(make_model(Noisy())(X), model(X)), "a fresh layer starts at the seed"


def test_weights_file_restores_an_advanced_generator(tmp_path):
    model, other = make_model(Noisy()), make_model(Noisy())
    model.layers[-1].scale.assign(2.0)
    model(X)
    model.save_weights(tmp_path / "all.weights.h5")
    other.load_weights(tmp_path / "all.weights.h5")
    assert float(other.layers[-1].scale) == 2.0
    np.testing.assert_array_equal(model(X), other(X))


def test_a_store_without_state_loads_and_keeps_the_seed():
    layer = Noisy()
    before = [generator.state.numpy() for generator in (layer.first, layer.second)]
    layer.load_own_variables({"0": np.float32(3)})
    after = [generator.state.numpy() for generator in (layer.first, layer.second)]
    assert float(layer.scale) == 3.0
    np.testing.assert_array_equal(before, after)


def test_a_wrong_number_of_weights_is_still_refused(tmp_path):
    model = make_model(Noisy())
    with pytest.raises(ValueError, match="expected 1 variables, but received 2"):
        model.layers[-1].load_own_variables({"0": np.float32(1), "1": np.float32(2), "seed_0": np.zeros(2, "i8")})
