"""The baselines on the Lorenz set of the LFADS tutorials, where a train-mean score is published."""

from __future__ import annotations

import pytest

from indl_vae.analysis.baselines import SmoothingGLM, TrainMean
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.scores import score_rates
from indl_vae.data import load_dataset


@pytest.fixture(scope="module")
def lorenz(data_folder):
    return load_dataset(data_folder / "lfads_lorenz" / "lfads_lorenz.h5", bin_width_s=0.01)


def test_train_mean_and_truth_have_their_known_scores(lorenz):
    mean = TrainMean().fit(lorenz.train).predict(lorenz.valid)
    assert score_rates(mean, lorenz.valid, HeldOut())["nll_stirling"] == pytest.approx(0.08964, abs=1e-5)
    truth = score_rates(lorenz.valid.truth, lorenz.valid, HeldOut())
    assert truth["nll_stirling"] == pytest.approx(0.07752, abs=1e-5) and truth["r2_rates"] == pytest.approx(1.0)


@pytest.mark.slow
def test_smoothing_glm_denoises_without_copying(lorenz):
    baseline = SmoothingGLM().fit(lorenz.train)
    scores = score_rates(baseline.predict(lorenz.valid), lorenz.valid, HeldOut())
    assert 0.0776 < scores["nll"] < 0.0805, "between the true rates and what other settings of the method reach"
    assert scores["r2_rates"] > 0.65
