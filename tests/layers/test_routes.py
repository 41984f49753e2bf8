"""The fused routes and `keras.layers.RNN` are one maths: outputs, and gradients of every weight."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.layers import ClippedGRU, ComplexCell, ComplexRNN, RateReadout, sampling_scope

B, T, N = 5, 5, 4
#: Under XLA the plain loop is left out: it is the forward pass of the fused one, and compiling it takes long.
ROUTES = ("fused", "loop", "keras")


def _gradients(call, weights, jit):
    def step():
        with tf.GradientTape() as tape:
            outputs = call()
            loss = tf.add_n([tf.reduce_sum(tf.sin(o * 3.0)) for o in outputs if o.shape[-1]])
        return outputs, tape.gradient(loss, [w.value for w in weights])

    outputs, grads = tf.function(step, jit_compile=jit)()
    return [o.numpy() for o in outputs], [g.numpy() for g in grads]


def _assert_agree(left, right, names):
    for a, b in zip(left[0], right[0], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    for name, a, b in zip(names, left[1], right[1], strict=True):
        assert np.abs(a).max(initial=0.0) > 0 or a.size == 0, f"no gradient reaches {name}"
        assert np.abs(a - b).max(initial=0.0) <= 1e-4 * np.abs(b).max(initial=1e-12), name


def _valid(states, mask, backwards):
    """Keras puts out zeros at masked steps before the first observed one, where the fused route puts out the state."""
    return states if mask is None else states * (mask[:, ::-1] if backwards else mask)[..., None]


@pytest.mark.parametrize("jit", [False, True], ids=["plain", "xla"])
@pytest.mark.parametrize("masked", [False, True], ids=["unmasked", "masked"])
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_clipped_gru_routes_agree(jit, masked, backwards, rng):
    x = rng.normal(size=(B, T, N)).astype("f4") * 2
    mask = (rng.random((B, T)) > 0.3).astype("f4") if masked else None
    results = []
    for route in ROUTES if not jit else ("fused", "keras"):
        layer = ClippedGRU(
            6,
            clip_value=0.4,
            learn_initial_state=True,
            route=route,
            return_sequences=True,
            go_backwards=backwards,
            seed=3,
        )
        layer.build((B, T, N))
        layer.initial_state_weight.assign(np.linspace(-0.3, 0.3, 6)[None])
        call = lambda layer=layer: [_valid(layer(tf.constant(x), mask=mask), mask, backwards)]  # noqa: E731
        results.append(_gradients(call, layer.trainable_weights, jit))
    for result in results[1:]:
        _assert_agree(results[0], result, [w.path for w in layer.trainable_weights])
    assert np.abs(results[0][0][0]).max() == pytest.approx(0.4), "the state was clipped somewhere"


CASES = {
    "controller": dict(co_dim=3),
    "controller and external input": dict(co_dim=3, ext_input_dim=2),
    "no controller, external input": dict(co_dim=0, ext_input_dim=2),
    "no input at all": dict(co_dim=0),
    "indl dropout": dict(co_dim=3, ext_input_dim=2, dropout_placement="indl"),
    "factors not fed back": dict(co_dim=3, feed_factors=False),
    "rates fed back": dict(co_dim=3, dropout_placement="lite", rates=(-20, 10)),
    "means fed back": dict(co_dim=3, dropout_placement="tf1", rates=None),
    "free factor weights": dict(co_dim=3, unit_norm_factors=False),
}


#: One case with and one without a controller are compiled too; the others share their loops.
UNDER_XLA = ("controller and external input", "no input at all")
RUNS = [*((case, False) for case in CASES), *((case, True) for case in UNDER_XLA)]


#: Looked at always, with noise; the other cases, and means, when slow.
ALWAYS = (*UNDER_XLA, "indl dropout", "means fed back")


def _run_of(training, case, jit):
    slow = () if training and case in ALWAYS else pytest.mark.slow
    name = f"{'training' if training else 'mean'}-{case}-{'xla' if jit else 'plain'}"
    return pytest.param(training, case, jit, marks=slow, id=name)


@pytest.mark.parametrize(
    ("training", "case", "jit"), [_run_of(training, *run) for training in (False, True) for run in RUNS]
)
def test_complex_rnn_routes_agree(case, jit, training, rng):
    options = dict(CASES[case])
    rates = options.pop("rates", False)
    co, ext = options["co_dim"], options.get("ext_input_dim", 0)
    code = rng.normal(size=(B, T, N if co else 0)).astype("f4")
    gen_init, ext_input = rng.normal(size=(B, 6)).astype("f4"), rng.normal(size=(B, T, ext)).astype("f4")
    results = []
    for route in ROUTES if not jit else ("fused", "keras"):
        if rates is not False:
            dense = keras.layers.Dense(6, kernel_initializer=keras.initializers.RandomNormal(stddev=0.5, seed=4))
            options["rate_readout"] = RateReadout(dense, 3, "exp" if rates else "identity", rates)
        cell = ComplexCell(6, 5, 4, clip_value=0.6, dropout=0.3, seed=1, **options)
        layer = ComplexRNN(cell, learn_initial_state=True, route=route)
        layer.build(code.shape)
        if co:
            layer.con_h0.assign(np.linspace(-0.2, 0.2, 5)[None])
        init = keras.Variable(gen_init, name="gen_init")

        def call(layer=layer, init=init):
            return layer(tf.constant(code), tf.convert_to_tensor(init), tf.constant(ext_input), training=training)

        weights = [w for w in layer.trainable_weights]
        results.append(_gradients(call, [*weights, init], jit))
    for result in results[1:]:
        _assert_agree(results[0], result, [*(w.path for w in weights), "gen_init"])


def test_noise_is_drawn_in_training_and_in_the_scope_only(rng):
    layer = ComplexRNN(ComplexCell(6, 5, 4, co_dim=2, dropout=0.0, seed=1))
    code, init = tf.constant(rng.normal(size=(B, T, N)).astype("f4")), tf.zeros((B, 6))
    mean = layer(code, init)
    np.testing.assert_array_equal(mean.z_sample, mean.z_mean)
    with sampling_scope():
        first, second = layer(code, init), layer(code, init)
    assert np.abs(first.z_sample - first.z_mean).max() > 0.1
    assert np.abs(first.z_sample - second.z_sample).max() > 0.1
