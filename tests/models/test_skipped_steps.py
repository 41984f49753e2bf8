"""A step whose numbers are not finite leaves no trace but its count."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.models.skipped_steps import SkippedSteps, StepCounts, all_finite
from tests.models.helpers import counts, tiny

#: Of training: the first batch of each epoch is bad.
BAD, GOOD = 0, 1


def batches(n: int = 4) -> list[np.ndarray]:
    x = counts(2 * n)
    x[1, 2, 3] = np.inf
    return [x[:n], x[n:]]


def values(model) -> list[np.ndarray]:
    return [variable.numpy() for variable in (*model.trainable_weights, *model.optimizer.variables)]


def states(model) -> list[list[int]]:
    return [generator.state.numpy().tolist() for generator in model.seed_generators]


def eager(**options):
    model = tiny(dropout_rate=0.2, **options)
    model.compile(optimizer=keras.optimizers.Adam(1e-3, global_clipnorm=5.0), run_eagerly=True)
    return model


def test_weights_moments_and_metrics_stay_and_random_numbers_move_on():
    model, (bad, good) = eager(l2_gen_scale=0.1), batches()
    model.fit(good, batch_size=len(good), verbose=0)
    before, seeds = values(model), states(model)
    history = model.fit(bad, batch_size=len(bad), verbose=0).history
    for ours, theirs in zip(values(model), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert states(model) == [[seed, draws + 1] for seed, draws in seeds]
    assert history["skipped_steps"] == [1.0]
    assert history["loss"] == history["nll"] == [0.0], "nothing was added to the metrics"


def test_the_other_steps_are_those_of_a_run_without_the_bad_one():
    model, other, (bad, good) = eager(), eager(), batches()
    for generator in other.seed_generators:
        generator.state.assign_add([0, 1])
    both = model.fit(tf.data.Dataset.from_tensor_slices([bad, good]), verbose=0).history
    alone = other.fit(tf.data.Dataset.from_tensor_slices([good]), verbose=0).history
    assert both.pop("skipped_steps") == [1.0] and alone.pop("skipped_steps") == [0.0]
    assert both == alone
    for ours, theirs in zip(values(model), values(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("jit", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_compiled_step_skips_without_being_compiled_anew(jit, lanes):
    if not jit and lanes > 1:
        pytest.skip("lanes are XLA's")
    n = 32
    model, (bad, good) = tiny(dropout_rate=0.2, jit_compile=jit, cpu_lanes=lanes), batches(n)
    data = tf.data.Dataset.from_tensor_slices([bad, good])
    history = model.fit(data, epochs=2, verbose=0).history
    assert history["skipped_steps"] == [1.0, 1.0]
    assert int(model.optimizer.iterations) == 2
    assert all(np.isfinite(one).all() for one in values(model))
    assert np.isfinite(history["loss"]).all() and min(history["loss"]) > 0.0
    assert model.skipped_steps.read() == StepCounts(steps=2, skipped=1, in_a_row=0, last=BAD)


@pytest.mark.parametrize(
    ("finite", "counted"),
    [
        ([True, True], StepCounts(2, 0, 0, -1)),
        ([False, True, False, False], StepCounts(4, 3, 2, 3)),
        ([False, True], StepCounts(2, 1, 0, 0)),
    ],
)
def test_counts(finite, counted):
    steps = SkippedSteps()
    for one in finite:
        steps.record(tf.constant(one))
    assert steps.read() == counted
    assert float(steps.of_epoch()) == counted.skipped
    steps.begin_epoch()
    assert steps.read() == StepCounts(in_a_row=counted.in_a_row)


@pytest.mark.parametrize(
    ("loss", "gradients", "finite"),
    [
        (1.0, [[1.0], None], True),
        (np.nan, [[1.0]], False),
        (-np.inf, [[1.0]], False),
        (1.0, [[1.0], [np.nan, 0.0]], False),
        (1.0, [[1.0], [0.0, np.inf]], False),
        (1.0, [[3e19]], False),  # its square overflows
    ],
)
def test_what_counts_as_finite(loss, gradients, finite):
    tensors = [None if one is None else tf.constant(one, tf.float32) for one in gradients]
    assert bool(all_finite(tf.constant(loss, tf.float32), tensors)) is finite
