"""Lanes: parts of a batch at once give what the whole batch gives."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.cores import usable_cores
from indl_vae.models.batch_step import BatchStep
from indl_vae.models.lanes import LEAST_TRIALS, Lanes
from tests.models.helpers import N, T, counts, tiny


def sums(batch, first, whole):
    rows = tf.cast(tf.range(tf.shape(batch["x"])[0]) + first, tf.float32)
    return {"rows": tf.reduce_sum(rows), "x": tf.reduce_sum(batch["x"]) / whole, "none": None}


@pytest.mark.parametrize("n_trials", [1, LEAST_TRIALS, 2 * LEAST_TRIALS, 3 * LEAST_TRIALS + 1])
@pytest.mark.parametrize("known", [True, False], ids=["static", "dynamic"])
def test_every_trial_is_in_one_lane(n_trials, known):
    x = np.arange(n_trials * 2, dtype="f4").reshape(n_trials, 2)
    lanes = Lanes(sums, most=3)
    signature = [tf.TensorSpec((n_trials if known else None, 2))]
    got = tf.function(lambda x: lanes({"x": x}, tf.constant(2.0)), input_signature=signature)(x)
    assert float(got["rows"]) == sum(range(n_trials))
    assert float(got["x"]) == x.sum() / 2
    assert got["none"] is None


def test_one_lane_is_not_compiled_here():
    seen = []
    lanes = Lanes(lambda batch, first, whole: seen.append((batch, int(first), whole)), most=1)
    lanes({"x": 1}, "whole")
    assert seen == [({"x": 1}, 0, "whole")]


@pytest.mark.slow
def test_lanes_under_xla_train_as_the_whole_batch_without(monkeypatch):
    """Noise belongs to the trial, so that losses, scores and weights agree up to rounding; one trace serves all epochs."""
    n = 2 * LEAST_TRIALS
    mask = np.ones((n, T, N), "f4")
    mask[3:9, 2:] = 0.0
    batch = {"x": counts(n), "mask": mask, "truth": counts(n, seed=1) + 0.5}
    traces = []
    original = BatchStep._part_gradients
    monkeypatch.setattr(BatchStep, "_part_gradients", lambda *a: (traces.append(1), original(*a))[1])
    models, histories = [], []
    for jit in (False, True):
        model = tiny(
            jit_compile=jit, cpu_lanes=2, nll_reduction="mean", dropout_rate=0.2, coordinated_dropout_rate=0.3,
            q_samples=2, l2_gen_scale=0.1,
        )  # fmt: skip
        traces.clear()
        data = tf.data.Dataset.from_tensor_slices(batch).batch(n)  # of no static size
        fitted = model.fit(data, validation_data=(batch,), epochs=3, verbose=0)
        models.append(model)
        histories.append(fitted.history)
    assert len(traces) == 1
    assert histories[0].keys() == histories[1].keys() >= {"loss", "nll", "r2_rates", "kl_z", "val_loss", "val_nll"}
    for name, values in histories[0].items():
        assert histories[1][name] == pytest.approx(values, rel=1e-4), name
    for plain, compiled in zip(models[0].weights, models[1].weights, strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-3, atol=1e-4, err_msg=plain.path)
    for plain, compiled in zip(models[0].seed_generators, models[1].seed_generators, strict=True):
        np.testing.assert_array_equal(compiled.state, plain.state)


def test_one_lane_for_each_core_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 3, 5}, raising=False)
    assert usable_cores() == 3
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    assert usable_cores() == 7
