"""Sums over discrete states against enumeration and TensorFlow Probability's hidden Markov model."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.inference.forward_backward import log_evidence, state_posteriors
from indl_vae.inference.viterbi import viterbi
from tests.inference.chains import draw_chain, enumerate_chain

tfd = tfp.distributions
SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 3), st.booleans(), st.integers(0, 999))


@settings(max_examples=40, deadline=None)
@given(SHAPES)
def test_everything_is_what_enumeration_gives(shape):
    *sizes, constant, seed = shape
    chain = draw_chain(np.random.default_rng(seed), *sizes, constant)
    paths, logs = enumerate_chain(*chain)
    found = state_posteriors(*map(tf.constant, chain))
    total = np.logaddexp.reduce(logs, 0)
    np.testing.assert_allclose(found.log_evidence, total, rtol=1e-9, atol=1e-9)
    weights = np.exp(logs - total)
    hot = np.eye(sizes[2])[paths]
    np.testing.assert_allclose(found.states, np.einsum("sb,stk->btk", weights, hot), atol=1e-9)
    pairs = np.einsum("sb,stj,stk->btjk", weights, hot[:, :-1], hot[:, 1:])
    np.testing.assert_allclose(found.pairs, pairs, atol=1e-9)
    best, log_best = viterbi(*map(tf.constant, chain))
    np.testing.assert_array_equal(best, paths[np.argmax(logs, 0)])
    np.testing.assert_allclose(log_best, logs.max(0), rtol=1e-9, atol=1e-9)


def test_it_is_the_hidden_markov_model_of_tensorflow_probability():
    rng = np.random.default_rng(0)
    start, matrix, _ = draw_chain(rng, 1, 9, 3, constant=True)
    observed, locs = rng.normal(size=(1, 9)), np.array([-1.0, 0.0, 2.0])
    density = tfd.Normal(locs, 1.0).log_prob(observed[..., None]).numpy()
    model = tfd.HiddenMarkovModel(
        tfd.Categorical(logits=start[0]), tfd.Categorical(logits=matrix), tfd.Normal(locs, 1.0), num_steps=9
    )
    found = state_posteriors(*(tf.constant(part) for part in (start, matrix, density)))
    np.testing.assert_allclose(found.log_evidence, model.log_prob(observed), rtol=1e-6)
    marginals = model.posterior_marginals(observed[0]).probs_parameter()
    np.testing.assert_allclose(found.states[0], marginals, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(
        viterbi(*(tf.constant(part) for part in (start, matrix, density)))[0][0], model.posterior_mode(observed[0])
    )


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("known_length", [False, True])
def test_compiled_and_of_any_length(jit, known_length):
    chain = [part.astype("float32") for part in draw_chain(np.random.default_rng(1), 2, 11, 3)]
    open_shapes = [tf.TensorSpec([2, None, *part.shape[2:]], tf.float32) for part in chain[1:]]
    signature = None if known_length else [tf.TensorSpec([2, 3], tf.float32), *open_shapes]
    compiled = tf.function(state_posteriors, jit_compile=jit, input_signature=signature)
    expected = state_posteriors(*map(tf.constant, chain))
    for ours, theirs in zip(compiled(*map(tf.constant, chain)), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_padding_changes_nothing():
    start, matrix, density = draw_chain(np.random.default_rng(2), 2, 8, 3)
    steps = (np.arange(8) < np.array([[5], [8]])).astype("float64")
    found = state_posteriors(*(tf.constant(part) for part in (start, matrix, density, steps)))
    short = state_posteriors(*(tf.constant(part) for part in (start[:1], matrix[:1, :4], density[:1, :5])))
    np.testing.assert_allclose(found.log_evidence[0], short.log_evidence[0], rtol=1e-9)
    np.testing.assert_allclose(found.states[0, :5], short.states[0], atol=1e-9)
    np.testing.assert_allclose(found.states[0, 5:], np.repeat(short.states[0, -1:], 3, 0), atol=1e-9)
    best, log_best = viterbi(*(tf.constant(part) for part in (start, matrix, density, steps)))
    alone, log_alone = viterbi(*(tf.constant(part) for part in (start[:1], matrix[:1, :4], density[:1, :5])))
    np.testing.assert_array_equal(best[0, :5], alone[0])
    np.testing.assert_allclose(log_best[0], log_alone[0], rtol=1e-9)


def test_forbidden_transitions_leave_values_and_gradients_finite():
    start, matrix, density = draw_chain(np.random.default_rng(3), 2, 7, 3, constant=True)
    matrix = np.where(np.tri(3, k=-1) > 0, -np.inf, matrix)  # states only go up
    start = np.where(np.arange(3) == 0, 0.0, -np.inf) + 0.0 * start
    tensors = [tf.constant(part, tf.float32) for part in (start, matrix, density)]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = tf.reduce_sum(log_evidence(*tensors))
    assert all(np.isfinite(gradient).all() for gradient in tape.gradient(value, tensors))
    found = state_posteriors(*tensors)
    assert np.isfinite(found.log_evidence).all() and (np.diff(viterbi(*tensors)[0], axis=1) >= 0).all()
    np.testing.assert_allclose(tf.reduce_sum(found.states, -1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(found.states[:, 0, 0], 1.0, rtol=1e-5)
