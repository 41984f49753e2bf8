"""Metrics over batches of unequal size are the scores of all trials at once."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from indl_vae.analysis import metrics as scores
from indl_vae.models.metrics import BitsPerSpike, FlatR2, MeanPerEntry
from tests.models.helpers import QUIET, N, T, counts, loss_of, tiny

TRIALS = 7


@pytest.fixture(scope="module")
def model():
    return tiny(heldout_channels=[1, 4], **QUIET)


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(4)
    x, mask = counts(TRIALS), (rng.random((TRIALS, T, N)) > 0.2).astype("f4")
    mask[:2, 4:] = 0.0
    return {"x": x, "mask": mask, "truth": rng.uniform(0.2, 2.0, x.shape).astype("f4")}


@pytest.fixture(scope="module")
def outputs(model, batch):
    return {name: np.asarray(value) for name, value in model.all_outputs(batch).items()}


@pytest.fixture(scope="module")
def evaluated(model, batch):
    return model.evaluate(batch, batch_size=3, return_dict=True, verbose=0)


def test_scores_are_those_of_the_analysis(evaluated, batch, outputs):
    x, mask, rates = batch["x"], batch["mask"], outputs["rates"]
    held = np.isin(np.arange(N), [1, 4]) * mask
    expected = {
        "nll": scores.poisson_nll(rates, x, mask),
        "nll_stirling": scores.poisson_nll(rates, x, mask, normaliser="stirling"),
        "nll_heldout_channels": scores.poisson_nll(rates, x, held),
        "bits_per_spike": scores.bits_per_spike(rates, x, mask),
        "r2_rates": scores.r2(rates, batch["truth"], mask),
    }
    assert {name: evaluated[name] for name in expected} == pytest.approx(expected, rel=2e-5)


def test_divergences_and_loss_are_means_over_trials(evaluated, model, batch, outputs):
    for name in ("kl_f", "kl_z"):
        assert evaluated[name] == pytest.approx(outputs[f"_{name}"].mean(), rel=1e-5)
    assert evaluated["loss"] == pytest.approx(float(loss_of(model, batch)[0]), rel=1e-5)


def test_only_scores_that_the_batch_allows_are_given(evaluated, model, batch):
    assert {"nll_hidden"}.isdisjoint(evaluated)
    assert set(model.evaluate(batch["x"][:3], return_dict=True, verbose=0)) == set(evaluated) - {"r2_rates"}


def test_entries_hidden_from_the_encoders_are_scored_in_a_second_pass(model, batch, rng):
    visible = (rng.random(batch["x"].shape) > 0.3).astype("f4")
    got = model.evaluate({**batch, "visible": visible}, batch_size=3, return_dict=True, verbose=0)
    hidden = batch["mask"] * (1 - visible)
    rates = model({**batch, "visible": visible})["rates"].numpy()
    assert got["nll_hidden"] == pytest.approx(scores.poisson_nll(rates, batch["x"], hidden), rel=2e-5)
    shown = model.evaluate(batch, batch_size=3, return_dict=True, verbose=0)
    assert {name: value for name, value in got.items() if name != "nll_hidden"} == pytest.approx(shown, rel=1e-6)


def test_what_is_hidden_does_not_help(model, batch, rng):
    """The second pass does not see the entries that it scores."""
    visible = (rng.random(batch["x"].shape) > 0.3).astype("f4")
    changed = np.where(visible > 0, batch["x"], batch["x"] + 5.0)
    rates = [model({**batch, "x": x, "visible": visible})["rates"] for x in (batch["x"], changed)]
    np.testing.assert_array_equal(*rates)


@pytest.mark.parametrize("metric", ["bits", "r2"])
def test_scores_that_are_not_defined_are_nan(metric):
    zeros, ones = np.zeros((2, 3, 4), "f4"), np.ones((2, 3, 4), "f4")
    one = BitsPerSpike(4) if metric == "bits" else FlatR2()
    assert np.isnan(one.result())
    one.update_state(*((zeros, ones, ones) if metric == "bits" else (ones, zeros, ones)))
    assert np.isnan(one.result())


def test_means_of_nothing_are_zero():
    metric = MeanPerEntry()
    metric.update_state(np.ones((2, 3, 4), "f4"), np.zeros((2, 3, 4), "f4"))
    assert float(metric.result()) == 0.0


@pytest.mark.parametrize("metric", [MeanPerEntry(), BitsPerSpike(4), FlatR2(name="other")])
def test_config_round_trips(metric):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert again.get_config() == metric.get_config()


def test_a_reset_forgets(rng):
    counts_, rates = rng.poisson(1.0, (2, 3, 4)).astype("f4"), rng.uniform(0.5, 2.0, (2, 3, 4)).astype("f4")
    metric, ones = BitsPerSpike(4), np.ones((2, 3, 4), "f4")
    metric.update_state(counts_ + 3, rates, ones)
    metric.reset_state()
    metric.update_state(counts_, rates, ones)
    assert float(metric.result()) == pytest.approx(scores.bits_per_spike(rates, counts_), rel=1e-5)
