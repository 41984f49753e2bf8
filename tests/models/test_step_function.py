"""Where XLA fails, a step runs without it, on the same data."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.models import SequentialVAE
from indl_vae.models.step_function import StepFunction
from tests.models.helpers import counts, tiny


def refuse(batches):
    list(batches)
    raise tf.errors.UnimplementedError(None, None, "\nno kernel for this\nand more")


def test_a_failed_first_run_is_repeated_without_xla_on_the_same_batches():
    run = StepFunction(refuse, lambda: lambda batches: [next(batches) for _ in range(2)], steps=2)
    data = iter(range(6))
    with pytest.warns(UserWarning, match=r"XLA cannot compile this model: no kernel for this It runs without XLA.*jit"):
        assert run(data) == [0, 1]
    assert run(data) == [2, 3]


def test_the_warning_names_the_cache_where_there_is_one(monkeypatch):
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_persistent_cache_directory=somewhere")
    run = StepFunction(refuse, lambda: next)
    with pytest.warns(UserWarning, match="try INDL_VAE_COMPILE_CACHE=off"):
        assert run(iter([1])) == 1


def test_a_step_that_compiles_is_kept():
    run = StepFunction(lambda batches: next(batches), lambda: refuse)
    assert [run(iter([1])), run(iter([2]))] == [1, 2]


def test_the_end_of_the_data_is_no_failure():
    with pytest.raises(StopIteration):
        StepFunction(refuse, lambda: refuse)(iter([]))


def test_a_fault_that_is_not_of_xla_is_raised():
    with pytest.raises(tf.errors.UnimplementedError, match="no kernel"):
        StepFunction(refuse, lambda: refuse)(iter([1]))


@pytest.mark.parametrize("lanes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_model_with_an_operation_that_xla_has_not_trains_all_the_same(monkeypatch, lanes):
    original = SequentialVAE.loss_and_sums

    def with_python(self, batch, outputs, totals, training):
        loss, sums = original(self, batch, outputs, totals, training)
        return loss + tf.ensure_shape(tf.numpy_function(lambda: np.float32(0.0), [], tf.float32), ()), sums

    monkeypatch.setattr(SequentialVAE, "loss_and_sums", with_python)
    model = tiny(jit_compile=True, cpu_lanes=lanes)
    data = tf.data.Dataset.from_tensor_slices({"x": counts(6)}).batch(3)
    with pytest.warns(UserWarning, match="XLA cannot compile this model"):
        fitted = model.fit(data, validation_data=data, epochs=2, verbose=0)
    assert np.isfinite(fitted.history["loss"]).all() and len(fitted.history["val_loss"]) == 2
    assert model.jit_compile is False and int(model.optimizer.iterations) == 4
