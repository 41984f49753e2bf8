"""The first bad trial of a batch and its first bad term are found, whatever the cause."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.models.diagnosis import Diagnosis, first_bad
from tests.models.helpers import counts, tiny


@pytest.mark.parametrize("n", [1, 2, 7, 8])
def test_the_first_of_some(n):
    for bad in range(n):
        asked = []
        also = {bad, n - 1}
        found = first_bad(lambda a, b: (asked.append(1), any(a <= i < b for i in also))[1], n)  # noqa: B023
        assert found == bad
        assert len(asked) <= int(np.ceil(np.log2(n)))


@pytest.fixture(scope="module")
def model():
    return tiny(dropout_rate=0.2, q_samples=2, l2_gen_scale=0.1)


@pytest.mark.parametrize("training", [True, False])
def test_a_trial_is_bad(model, training):
    x = counts(6)
    x[3, 2, 1] = np.inf
    before = [generator.state.numpy().tolist() for generator in model.seed_generators]
    fault = Diagnosis(model, {"x": x, "visible": np.ones_like(x)}, training, steps_ago=1).fault()
    assert fault == (3, True, "nll", ())
    assert [generator.state.numpy().tolist() for generator in model.seed_generators] == before


def test_a_later_trial_is_bad_too(model):
    x = counts(6)
    x[[2, 5], 2, 1] = np.inf
    fault = Diagnosis(model, x, True).fault()
    assert (fault.row, fault.alone) == (2, False)


@pytest.mark.parametrize(("weight", "term"), [("f_prior/", "kl_f"), ("readout/bias", "nll")])
def test_a_weight_is_bad(model, weight, term):
    paths = [w.path for w in model.trainable_weights]
    chosen = next((w for w in model.trainable_weights if weight in w.path), None)
    assert chosen is not None, paths
    kept = chosen.numpy()
    broken = kept.copy()
    broken.flat[0] = np.nan  # infinity would be clipped
    chosen.assign(broken)
    fault = Diagnosis(model, counts(4), True).fault()
    chosen.assign(kept)
    assert fault.row == 0 and not fault.alone
    assert fault.term == term
    assert fault.weights == (chosen.path,)


@tf.custom_gradient
def _without_gradient(value):
    return value, lambda upstream: upstream * np.nan


def test_a_gradient_alone_is_bad(model, monkeypatch):
    penalty = model.objective.penalty
    monkeypatch.setattr(model.objective, "penalty", lambda name: _without_gradient(penalty(name)))
    fault = Diagnosis(model, counts(4), True).fault()
    assert fault.term.startswith("gradient of ")
    assert "recurrent" in fault.term
    assert not fault.weights


def test_nothing_is_bad(model):
    assert Diagnosis(model, counts(4), True).fault() is None
    assert Diagnosis(model, counts(4), False).fault() is None
