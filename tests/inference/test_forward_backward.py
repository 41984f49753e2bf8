"""Sums over discrete states against enumeration and TensorFlow Probability's hidden Markov model."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.inference.compilation import compilation_scope
from indl_vae.inference.forward_backward import LOG_ZERO, log_evidence, state_posteriors
from indl_vae.inference.state_entropy import expected_log_joint, state_entropy
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
    for parallel in (False, True):
        for ours, theirs in zip(state_posteriors(*map(tf.constant, chain), parallel=parallel), found, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(state_entropy(found), -(weights * np.log(weights)).sum(0), atol=1e-9)
    np.testing.assert_allclose(expected_log_joint(found, *map(tf.constant, chain)), (weights * logs).sum(0), atol=1e-9)
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
@pytest.mark.parametrize(("n_bins", "n_states"), [(1, 1), (1, 3), (11, 1), (11, 3)])
def test_compiled_and_of_any_length(jit, known_length, n_bins, n_states):
    chain = [part.astype("float32") for part in draw_chain(np.random.default_rng(1), 2, n_bins, n_states)]
    open_shapes = [tf.TensorSpec([2, None, *part.shape[2:]], tf.float32) for part in chain[1:]]
    signature = None if known_length else [tf.TensorSpec([2, n_states], tf.float32), *open_shapes]

    def everything(log_start, log_matrix, log_density):
        chain = log_start, log_matrix, log_density
        with compilation_scope(jit):
            return (*state_posteriors(*chain), *viterbi(*chain))

    compiled = tf.function(everything, jit_compile=jit, input_signature=signature)
    expected = everything(*map(tf.constant, chain))
    for ours, theirs in zip(compiled(*map(tf.constant, chain)), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("parallel", [False, True])
def test_padding_changes_nothing(parallel):
    start, matrix, density = draw_chain(np.random.default_rng(2), 2, 8, 3)
    density[0, 5:], matrix[0, 4:] = np.nan, np.nan
    steps = (np.arange(8) < np.array([[5], [8]])).astype("float64")
    found = state_posteriors(*(tf.constant(part) for part in (start, matrix, density, steps)), parallel=parallel)
    short = state_posteriors(*(tf.constant(part) for part in (start[:1], matrix[:1, :4], density[:1, :5])))
    np.testing.assert_allclose(found.log_evidence[0], short.log_evidence[0], rtol=1e-9)
    np.testing.assert_allclose(found.states[0, :5], short.states[0], atol=1e-9)
    np.testing.assert_allclose(found.states[0, 5:], np.repeat(short.states[0, -1:], 3, 0), atol=1e-9)
    best, log_best = viterbi(*(tf.constant(part) for part in (start, matrix, density, steps)))
    alone, log_alone = viterbi(*(tf.constant(part) for part in (start[:1], matrix[:1, :4], density[:1, :5])))
    np.testing.assert_array_equal(best[0, :5], alone[0])
    np.testing.assert_allclose(log_best[0], log_alone[0], rtol=1e-9)
    np.testing.assert_array_equal(best[0, 5:], np.repeat(alone[0, -1:], 3))
    np.testing.assert_array_equal(found.pairs[0, 4:], 0.0)
    np.testing.assert_allclose(state_entropy(found)[0], state_entropy(short)[0], rtol=1e-9)
    mean = expected_log_joint(found, *(tf.constant(part) for part in (start, matrix, density, steps)))
    np.testing.assert_allclose(mean + state_entropy(found), found.log_evidence, rtol=1e-9)


def test_a_trial_of_padding_alone_adds_nothing():
    chain = [tf.constant(part) for part in draw_chain(np.random.default_rng(4), 2, 4, 3)]
    steps = tf.constant(np.array([[0.0] * 4, [1.0] * 4]))
    found = state_posteriors(*chain, steps)
    np.testing.assert_allclose(found.log_evidence[0], 0.0, atol=1e-12)
    np.testing.assert_allclose(state_entropy(found)[0], 0.0, atol=1e-12)
    np.testing.assert_allclose(viterbi(*chain, steps)[1][0], np.max(chain[0][0]))


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("jit", [False, True])
def test_gradients_through_evidence_and_entropy_are_differences_of_values(jit, parallel):
    rng = np.random.default_rng(5)
    chain = [tf.constant(part) for part in draw_chain(rng, 2, 6, 3)]
    ways = [tf.constant(rng.normal(size=part.shape)) for part in chain]

    def value(*chain):
        found = state_posteriors(*chain, parallel=parallel)
        return tf.reduce_sum(found.log_evidence + state_entropy(found) + expected_log_joint(found, *chain))

    @tf.function(jit_compile=jit)
    def slopes(*chain):
        with tf.GradientTape() as tape:
            tape.watch(chain)
            total = value(*chain)
        return tape.gradient(total, chain)

    for i, (slope, way) in enumerate(zip(slopes(*chain), ways, strict=True)):
        moved = [value(*(part + sign * 1e-5 * ways[j] * (i == j) for j, part in enumerate(chain))) for sign in (1, -1)]
        np.testing.assert_allclose(tf.reduce_sum(slope * way), (moved[0] - moved[1]) / 2e-5, rtol=1e-6)


@pytest.mark.parametrize("parallel", [False, True])
def test_large_log_densities_leave_single_precision_posteriors_right(parallel):
    start, matrix, density = draw_chain(np.random.default_rng(6), 2, 400, 4)
    exact = state_posteriors(*map(tf.constant, (start, matrix, 20.0 * density)))
    single = [tf.constant(part, tf.float32) for part in (start, matrix, 20.0 * density)]
    np.testing.assert_allclose(state_posteriors(*single, parallel=parallel).states, exact.states, atol=3e-4)
    np.testing.assert_allclose(log_evidence(*single, parallel=parallel), exact.log_evidence, rtol=1e-6)


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("jit", [False, True])
def test_forbidden_transitions_leave_values_and_gradients_finite(jit, parallel):
    start, matrix, density = draw_chain(np.random.default_rng(3), 2, 6, 3, constant=True)
    matrix = np.where(np.tri(3, k=-1) > 0, -np.inf, matrix)  # states only go up
    start = np.where(np.arange(3) == 0, 0.0, -np.inf) + 0.0 * start
    tensors = [tf.constant(part, tf.float32) for part in (start, matrix, density)]

    @tf.function(jit_compile=jit)
    def run(*tensors):
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            found = state_posteriors(*tensors, parallel=parallel)
            mean = expected_log_joint(found, *tensors)
            value = tf.reduce_sum(found.log_evidence + state_entropy(found) + mean)
        return found, mean, tape.gradient(value, tensors)

    found, mean, gradients = run(*tensors)
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    with np.errstate(invalid="ignore"):
        logs = enumerate_chain(start, matrix, density)[1]
    np.testing.assert_allclose(found.log_evidence, np.logaddexp.reduce(logs, 0), rtol=1e-5)
    np.testing.assert_allclose(mean + state_entropy(found), found.log_evidence, rtol=1e-5)
    np.testing.assert_array_equal(found.pairs.numpy()[..., np.tri(3, k=-1) > 0], 0.0)
    assert (np.diff(viterbi(*tensors)[0], axis=1) >= 0).all()
    np.testing.assert_allclose(tf.reduce_sum(found.states, -1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(found.states[:, 0, 0], 1.0, rtol=1e-5)


@pytest.mark.parametrize("parallel", [False, True])
def test_where_no_sequence_is_possible_the_evidence_is_that_of_log_zero(parallel):
    start, matrix, density = draw_chain(np.random.default_rng(7), 1, 5, 2)
    chain = [tf.constant(part, tf.float32) for part in (start, np.full_like(matrix, -np.inf), density)]
    assert np.isfinite(log_evidence(*chain, parallel=parallel)) and log_evidence(*chain, parallel=parallel) <= LOG_ZERO
    assert all(np.isfinite(part).all() for part in state_posteriors(*chain, parallel=parallel))
