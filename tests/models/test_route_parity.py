"""Fused route and keras.layers.RNN give the same loss and gradients of a whole model, for every shape of the benchmark."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.shapes import SHAPES
from indl_vae import make_params
from indl_vae.models import SequentialVAE
from indl_vae.typing import DataSpec

#: Trials; their number changes no formula.
B = 4


def loss_and_gradients(shape, route, x):
    params = make_params("lfads", {**shape.sizes(), "rnn_route": route, "seed": 2})
    model = SequentialVAE(params, DataSpec(shape.channels, shape.bins))

    @tf.function(autograph=False)
    def run():
        with tf.GradientTape() as tape:
            outputs = model.all_outputs(x, training=True)
            loss = model.compute_loss(x=x, y_pred=outputs, training=True)
        return loss, tape.gradient(loss, [w.value for w in model.trainable_weights])

    loss, gradients = run()
    return float(loss), {w.path: g.numpy() for w, g in zip(model.trainable_weights, gradients, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_routes_agree_on_every_shape(name):
    shape = SHAPES[name]
    x = np.random.default_rng(0).poisson(0.2, (B, shape.bins, shape.channels)).astype("f4")
    fused, keras = (loss_and_gradients(shape, route, x) for route in ("fused", "keras"))
    assert fused[0] == pytest.approx(keras[0], rel=1e-5)
    assert fused[1].keys() == keras[1].keys()
    for path, ours in fused[1].items():
        # a product, not a quotient: over 1000 bins the gradient of an initial state may vanish in both
        assert np.abs(ours - keras[1][path]).max() <= 1e-4 * np.abs(keras[1][path]).max(), path
