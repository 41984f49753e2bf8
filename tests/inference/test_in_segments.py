"""Running a recurrence in segments changes neither its outputs nor its gradients."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference.in_segments import in_segments
from indl_vae.layers import ClippedGRU, ComplexCell, ComplexRNN

B, T, H, N = 3, 7, 4, 2


def recurrence(sequences, states, weights):
    """h' = tanh(h W + x), with the length of the segment among the outputs."""
    (x,), (h,), (w,) = sequences, states, weights
    outputs = []
    for t in range(x.shape[0]):
        h = tf.tanh(h @ w + x[t])
        outputs.append(h)
    return (tf.stack(outputs), tf.fill(x.shape[:2], tf.cast(x.shape[0], x.dtype))), (h,)


@pytest.fixture
def arguments(rng):
    return [tf.constant(rng.normal(size=shape)) for shape in ((T, B, H), (B, H), (H, H))]


def run(arguments, bins):
    x, h, w = arguments
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        (states, lengths), (last,) = in_segments(recurrence, (x,), (h,), (w,), bins, n_outputs=2)
        loss = tf.reduce_sum(tf.sin(states)) + tf.reduce_sum(last**3)
    return states, lengths, last, tape.gradient(loss, arguments)


@pytest.mark.parametrize(
    ("bins", "lengths"), [(0, [7] * 7), (3, [3] * 6 + [1]), (1, [1] * 7), (7, [7] * 7), (9, [7] * 7)]
)
def test_outputs_and_gradients(arguments, bins, lengths):
    whole, cut = run(arguments, 0), run(arguments, bins)
    np.testing.assert_allclose(cut[0], whole[0], rtol=1e-12)
    np.testing.assert_array_equal(cut[1][:, 0], lengths)
    np.testing.assert_allclose(cut[2], whole[2], rtol=1e-12)
    for ours, theirs in zip(cut[3], whole[3], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def layers(remat):
    gru = ClippedGRU(H, clip_value=0.4, learn_initial_state=True, return_sequences=True, remat=remat, seed=3)
    cells = [ComplexCell(6, 5, 4, co_dim=co, ext_input_dim=2, clip_value=0.6, dropout=0.3, seed=1) for co in (2, 0)]
    return gru, *(ComplexRNN(cell, learn_initial_state=True, remat=remat) for cell in cells)


@pytest.mark.parametrize("jit", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["plain", "xla"])
def test_layers_with_masks_inputs_and_dropout(jit, rng):
    x, ext = (rng.normal(size=(B, T, N)).astype("f4") for _ in range(2))
    mask, init = (rng.random((B, T)) > 0.3).astype("f4"), rng.normal(size=(B, 6)).astype("f4")
    results = []
    for remat in (0, 3):
        gru, both, alone = layers(remat)
        for layer in (gru, both):
            layer.build((B, T, N))
        alone.build((B, T, 0))

        def step(gru=gru, both=both, alone=alone):
            with tf.GradientTape() as tape:
                outputs = [gru(x, mask=mask), both(x, init, ext, training=True).factors]
                outputs.append(alone(x[..., :0], init, ext, training=True).factors)
                loss = tf.add_n([tf.reduce_sum(tf.sin(3.0 * o)) for o in outputs])
            weights = [w.value for layer in (gru, both, alone) for w in layer.trainable_weights]
            return outputs, tape.gradient(loss, weights)

        results.append(tf.function(step, jit_compile=jit, autograph=False)())
    for whole, cut in zip(*map(tf.nest.flatten, results), strict=True):
        np.testing.assert_allclose(cut, whole, rtol=1e-4, atol=1e-5)


def test_a_length_that_is_not_known_keeps_everything(arguments):
    seen = []

    def spy(sequences, states, weights):
        seen.append(sequences[0].shape[0])
        return (sequences[0],), states

    signature = [tf.TensorSpec((None, B, H), tf.float64)]
    tf.function(lambda x: in_segments(spy, (x,), (x[0],), (), 3, 1)[0][0], input_signature=signature)(arguments[0])
    assert seen == [None]


def test_a_negative_length_is_refused():
    with pytest.raises(ConfigError, match=r"remat: expected a number of bins >= 0 .*, got -1"):
        ClippedGRU(H, remat=-1)
