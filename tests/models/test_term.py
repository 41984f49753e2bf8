"""A term of the loss: weight, ramp, metric."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.models import Term


def test_value_weight_and_ramp():
    term = Term(2.0, "kl", name="kl_f")
    assert float(term(np.array([1.0, 3.0]))) == pytest.approx(4.0)
    term.ramp.assign(0.25)
    term.weight_value.assign(8.0)
    assert float(term(np.array([1.0, 3.0]))) == pytest.approx(4.0)
    assert float(term(np.float32(5.0))) == pytest.approx(10.0)


def test_metric_is_the_unweighted_mean_over_trials():
    term = Term(100.0, name="kl_z")
    term.ramp.assign(0.0)
    term.metric.add(term.sums(np.array([1.0, 2.0, 3.0]), 3))
    term.metric.add(term.sums(np.array([10.0]), 1))
    assert float(term.metric.result()) == pytest.approx(4.0)
    assert term.metric.name == "kl_z"


def test_weight_and_ramp_are_no_trainable_weights_and_config_round_trips():
    term = Term(0.5, "l2", name="l2_gen")
    assert term.trainable_weights == []
    assert {w.name for w in term.non_trainable_weights} >= {"weight", "ramp"}
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(term))
    assert again.get_config() == term.get_config()
    assert float(again.weight_value) == 0.5 and float(again.ramp) == 1.0
