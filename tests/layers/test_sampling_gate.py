"""The gate draws at inference without a retrace, and leaves no trace in weights and files."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.layers.sampling_gate import SamplingGate, sampling_on
from indl_vae.layers.sampling_scope import sampling_scope


@keras.saving.register_keras_serializable(package="indl_vae_tests")
class Gated(SamplingGate, keras.layers.Layer):
    """Adds ones in place of noise, and counts how often it is traced."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.traces = 0

    def call(self, x, training=False):
        self.traces += 1
        return x + tf.ones_like(x) * self.noise_gate(training, x.dtype)


X = np.zeros((2, 3), "f4")


@pytest.fixture
def model():
    x = keras.Input((3,))
    return keras.Model(
        x, keras.layers.Dense(3, kernel_initializer="zeros")(Gated(name="gated")(x)) + Gated(name="last")(x)
    )


def test_training_and_the_scope_open_the_gate():
    layer = Gated()
    with sampling_scope():
        assert layer(X, training=False).numpy().max() == 1.0
    assert layer(X, training=True).numpy().max() == 1.0
    assert layer(X, training=False).numpy().max() == 0.0


@pytest.mark.parametrize("jit", [False, True])
def test_a_compiled_call_obeys_the_variable_without_a_retrace(jit):
    layer = Gated()
    call = tf.function(lambda x: layer(x), jit_compile=jit)
    x = tf.constant(X)
    values, traces = [], []
    for gate in (0.0, 1.0, 0.0):
        layer.sampling.assign(gate)
        values.append(float(tf.reduce_max(call(x))))
        traces.append(layer.traces)
    assert values == [0.0, 1.0, 0.0]
    assert len(set(traces)) == 1


def test_context_opens_every_gate_and_restores_each(model):
    first, last = model.get_layer("gated"), model.get_layer("last")
    last.sampling.assign(1.0)
    with pytest.raises(RuntimeError, match="stop"), sampling_on(model):
        assert (float(first.sampling), float(last.sampling)) == (1.0, 1.0)
        raise RuntimeError("stop")
    assert (float(first.sampling), float(last.sampling)) == (0.0, 1.0)
    with sampling_on(model, on=False):
        assert (float(first.sampling), float(last.sampling)) == (0.0, 0.0)


def test_gate_is_no_weight_and_is_not_saved(model, tmp_path):
    assert model.count_params() == 12
    model.get_layer("last").sampling.assign(1.0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert float(loaded.get_layer("last").sampling) == 0.0


def test_model_with_a_gate_exports(model, tmp_path):
    model.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(str(tmp_path / "exported"))
    np.testing.assert_allclose(exported.serve(tf.constant(X)), model(X))
