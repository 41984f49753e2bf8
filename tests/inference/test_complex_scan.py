"""LFADS's recurrence against a plain loop, and its own backward pass against finite differences of that loop."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.complex_scan import complex_scan, generator_scan
from indl_vae.inference.complex_step import ComplexDraws, ComplexStates, ComplexWeights, complex_step
from indl_vae.inference.rate_link import RateLink
from tests.inference import naive

T, B, C, G, F, Z = 4, 3, 2, 3, 4, 2
CLIP = 0.5
WEIGHTS = {
    "con_bias": (3 * C,),
    "con_recurrent": (C, 3 * C),
    "con_factors": (F, 3 * C),
    "co_kernel": (C, 2 * Z),
    "co_bias": (2 * Z,),
    "gen_bias": (3 * G,),
    "gen_input": (Z, 3 * G),
    "gen_recurrent": (G, 3 * G),
    "factors": (G, F),
}
DRAWS = {"noise": Z, "con_factors": F, "gen_input": Z, "factors": G, "feedback": G}
#: Which draws there are: none, those of the published codes, and those of indl.
PLACEMENTS = {
    "mean": (),
    "noise": ("noise",),
    "published": ("noise", "con_factors", "factors"),
    "indl": tuple(DRAWS),
}
NAMES = ("con_projected", "gen_projected", "gen", "con", "factors", *WEIGHTS)


@pytest.fixture
def arguments(rng):
    shapes = [(T, B, 3 * C), (T, B, 3 * G), (B, G), (B, C), (B, F), *WEIGHTS.values()]
    return [rng.normal(size=shape) for shape in shapes]


def make_draws(rng, placement):
    draws = {name: rng.binomial(1, 0.6, (T, B, DRAWS[name])) / 0.6 for name in PLACEMENTS[placement]}
    return draws | {"noise": rng.normal(size=(T, B, Z)) if "noise" in draws else np.zeros((T, B, Z))}


def split(flat):
    return flat[0], flat[1], flat[2:5], dict(zip(WEIGHTS, flat[5:], strict=True))


def scanned(flat, draws, feed_factors, fused=True):
    con, gen, initial, weights = split(flat)
    draws = ComplexDraws(**{name: tf.constant(value) for name, value in draws.items()})
    return complex_scan(con, gen, ComplexStates(*initial), ComplexWeights(**weights), draws, CLIP, feed_factors, fused)


@pytest.mark.parametrize("fused", [True, False], ids=["fused", "loop"])
@pytest.mark.parametrize("feed_factors", [True, False], ids=["fed", "not fed"])
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_outputs_and_gradients(arguments, placement, feed_factors, fused, rng):
    draws = make_draws(rng, placement)
    tensors = [tf.constant(a) for a in arguments]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = scanned(tensors, draws, feed_factors, fused)
        loss = tf.add_n([tf.reduce_sum(tf.sin((i + 1.0) * part)) for i, part in enumerate(output)])
    for name, ours, loop in zip(
        output._fields, output, naive.complex_loop(*split(arguments), draws, CLIP, feed_factors), strict=True
    ):
        np.testing.assert_allclose(ours, loop, rtol=1e-11, atol=1e-13, err_msg=name)
    assert (np.abs(output.gen_states) == CLIP).any(), "some states are clipped"

    def by_loop(*moved):
        outputs = naive.complex_loop(*split(moved), draws, CLIP, feed_factors)
        return float(sum(np.sum(np.sin((i + 1.0) * part)) for i, part in enumerate(outputs)))

    naive.assert_gradients(
        by_loop, arguments, [g.numpy() for g in tape.gradient(loss, tensors, unconnected_gradients="zero")], NAMES
    )


N = 5
LIMITS = (-1.0, 1.5)
#: From the read-out to what is fed; within the limits, where finite differences are the slope too.
LINKS = {
    "exp": (RateLink("exp"), np.exp),
    "within limits": (RateLink("exp", (-50.0, 50.0)), np.exp),
    "identity": (RateLink("identity"), lambda readout: readout),
}


@pytest.mark.parametrize("fused", [True, False], ids=["fused", "loop"])
@pytest.mark.parametrize(
    ("placement", "link"),
    [("published", "exp"), ("indl", "exp"), ("noise", "within limits"), ("published", "identity")],
)
def test_rates_fed_back(placement, link, fused, rng):
    link, rate = LINKS[link]
    weights = {**WEIGHTS, "con_factors": (N, 3 * C), "rate_kernel": (F, N), "rate_bias": (N,)}
    shapes = [(T, B, 3 * C), (T, B, 3 * G), (B, G), (B, C), (B, F), *weights.values()]
    arguments = [0.5 * rng.normal(size=shape) for shape in shapes]
    draws = make_draws(rng, placement)
    if "con_factors" in draws:
        draws["con_factors"] = rng.binomial(1, 0.6, (T, B, N)) / 0.6

    def parts(flat):
        return flat[0], flat[1], flat[2:5], dict(zip(weights, flat[5:], strict=True))

    def objective(outputs, sin, add):
        return sum(add(sin((i + 1.0) * part)) for i, part in enumerate(outputs))

    def by_loop(*moved):
        return float(objective(naive.complex_loop(*parts(moved), draws, CLIP, True, rate), np.sin, np.sum))

    tensors = [tf.constant(a) for a in arguments]
    con, gen, initial, loop_weights = parts(tensors)
    drawn = ComplexDraws(**{name: tf.constant(value) for name, value in draws.items()})
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = complex_scan(
            con, gen, ComplexStates(*initial), ComplexWeights(**loop_weights), drawn, CLIP, True, fused, link
        )
        loss = objective(output, tf.sin, tf.reduce_sum)
    for ours, loop in zip(output, naive.complex_loop(*parts(arguments), draws, CLIP, True, rate), strict=True):
        np.testing.assert_allclose(ours, loop, rtol=1e-11, atol=1e-13)
    gradients = [g.numpy() for g in tape.gradient(loss, tensors, unconnected_gradients="zero")]
    names = ("con_projected", "gen_projected", "gen", "con", "factors", *weights)
    naive.assert_gradients(by_loop, arguments, gradients, names)


def test_beyond_the_limits_rates_stop_and_their_slope_goes_on(rng):
    link, readout = RateLink("exp", LIMITS), tf.constant([-3.0, 0.5, 4.0], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(readout)
        rates = link.mean(readout)
    expected = np.exp(np.clip(readout, *LIMITS))
    np.testing.assert_allclose(rates, expected)
    np.testing.assert_allclose(tape.gradient(rates, readout), expected)
    np.testing.assert_allclose(link.slope(readout), expected)


@pytest.mark.parametrize("placement", ["noise", "indl"])
def test_without_an_external_input_to_the_generator(arguments, placement, rng):
    draws = make_draws(rng, placement)
    tensors = [tf.constant(a) for a in arguments]
    watched = [tensors[0], *tensors[2:]]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        output = scanned([tensors[0], None, *tensors[2:]], draws, True)
        loss = tf.add_n([tf.reduce_sum(tf.sin((i + 1.0) * part)) for i, part in enumerate(output)])
    silent = [arguments[0], np.zeros((T, B, 3 * G)), *arguments[2:]]
    for ours, loop in zip(output, naive.complex_loop(*split(silent), draws, CLIP, True), strict=True):
        np.testing.assert_allclose(ours, loop, rtol=1e-11, atol=1e-13)
    with tf.GradientTape() as reference:
        reference.watch(watched)
        same = scanned([tensors[0], tf.constant(silent[1]), *tensors[2:]], draws, True)
        same_loss = tf.add_n([tf.reduce_sum(tf.sin((i + 1.0) * part)) for i, part in enumerate(same)])
    for ours, theirs in zip(tape.gradient(loss, watched), reference.gradient(same_loss, watched), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def test_without_noise_the_sample_is_the_mean(arguments, rng):
    output = scanned([tf.constant(a) for a in arguments], make_draws(rng, "mean"), True)
    np.testing.assert_array_equal(output.z_sample, output.z_mean)


@pytest.mark.parametrize("placement", ["published", "indl"])
def test_scan_is_the_step_repeated(arguments, placement, rng):
    draws = make_draws(rng, placement)
    tensors = [tf.constant(a) for a in arguments]
    con, gen, initial, weights = split(tensors)
    whole = scanned(tensors, draws, True)
    states = ComplexStates(*initial)
    for t in range(T):
        drawn = loops.at(t, ComplexDraws(**{name: tf.constant(value) for name, value in draws.items()}))
        step = complex_step(con[t], gen[t], states, ComplexWeights(**weights), drawn, CLIP).output
        for ours, theirs in zip(step, whole, strict=True):
            np.testing.assert_allclose(ours, theirs[t], rtol=1e-12)
        states = ComplexStates(step.gen_states, step.con_states, step.factors)


@pytest.mark.parametrize("dropped", [False, True])
def test_generator_alone(rng, dropped):
    arguments = [rng.normal(size=shape) for shape in ((T, B, 3 * G), (3 * G,), (B, G), (G, 3 * G), (G, F))]
    mask = rng.binomial(1, 0.6, (T, B, G)) / 0.6 if dropped else None
    tensors = [tf.constant(a) for a in arguments]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        states, factors = generator_scan(*tensors, mask, CLIP)
        loss = tf.reduce_sum(tf.sin(states)) + tf.reduce_sum(tf.cos(factors))

    def loop(projected, bias, initial, recurrent, readout):
        plain = naive.gru_loop(projected, bias, initial, recurrent, CLIP)
        return plain, (plain if mask is None else plain * mask) @ readout

    for ours, plain in zip((states, factors), loop(*arguments), strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-12)

    def by_loop(*moved):
        plain, out = loop(*moved)
        return float(np.sin(plain).sum() + np.cos(out).sum())

    names = ("projected", "bias", "initial", "recurrent", "factors")
    naive.assert_gradients(by_loop, arguments, [g.numpy() for g in tape.gradient(loss, tensors)], names)
