from __future__ import annotations

import dataclasses
import re
from importlib.metadata import version

import numpy as np
import pytest

from indl_vae.analysis.evaluate import evaluate
from indl_vae.analysis.plots import plot_factors
from indl_vae.analysis.report import build_report, report_run, write_report
from indl_vae.analysis.trial_quality import trial_quality
from indl_vae.data.dataset import Dataset
from tests.analysis.example_data import FakeModel, make_dataset, make_run
from tests.analysis.test_html import Checker

PARAMS = {"family": "lfads", "preset": "fast", "seed": 3, "learning_rate": 0.004, "f_units": [128], "heldout_bins": 0}
HISTORY = [{"epoch": e, "step": 5 * e, "loss": 9.0 - e, "val_nll": 0.5, "ramp_kl": e / 4} for e in range(1, 5)]
DATASET = make_dataset()
INFO = {
    "source": "<b>lorenz</b>.h5",
    "sha256": "ab12",
    "splits": {"train": {"n_trials": 40}, "valid": {"n_trials": 60}},
}


@pytest.fixture(scope="module")
def metrics():
    return evaluate(FakeModel(lambda split: split.truth, heldout_channels=2), DATASET)


@pytest.fixture(scope="module")
def document(metrics) -> str:
    figures = [("Factors <1>", "Look at & these.", plot_factors(np.zeros((2, 3, 1))))]
    return build_report("lfads run <demo>", metrics, HISTORY, figures, PARAMS, INFO)


def test_the_page_is_well_formed_and_loads_nothing(document):
    checker = Checker(document)
    assert checker.faults == []
    assert len(checker.sources) == 2 and all(source.startswith("data:image/png;base64,") for source in checker.sources)
    assert not re.search(r"https?:|//|@import|url\(", re.sub(r"base64,[A-Za-z0-9+/=]+", "", document))
    assert "script" not in checker.tags and 'name="viewport"' in document and "prefers-color-scheme: dark" in document


def test_text_from_outside_is_escaped(document):
    assert "<b>lorenz" not in document and "&lt;b&gt;lorenz&lt;/b&gt;.h5" in document
    assert "lfads run &lt;demo&gt;" in document and "Factors &lt;1&gt;" in document


def test_model_and_baselines_stand_side_by_side(document, metrics):
    words = Checker(document).words
    for scores in (metrics["valid"], *metrics["baselines"].values()):
        assert f"{scores['co_bps']:.4g}" in words
    for name in ("this model", "train mean", "condition PSTH", "smoothing + GLM", "Co-smoothing"):
        assert name in words
    best = re.findall(r'<td class="number best">([^<]+)</td>', document)
    assert f"{metrics['valid']['nll']:.4g}" in best and f"{metrics['valid']['co_bps']:.4g}" in best
    assert "Forward prediction" not in words, "nothing was held out at the end of the trials"


def test_parameters_data_and_provenance_are_told(document):
    words = Checker(document).words
    for word in (
        "learning_rate",
        "0.004",
        "128",
        "ab12",
        "40",
        version("tensorflow"),
        "tensorflow",
        "All 6 parameters",
    ):
        assert word in words, word
    assert any("lfads, preset fast, seed 3; trained for 4 epochs." in word for word in words)


def test_channel_groups_and_the_worst_trials_are_told(metrics):
    quality = trial_quality(np.where(np.arange(60)[:, None, None] == 17, 20.0, DATASET.valid.truth), DATASET.valid)
    document = build_report("x", metrics, [], [], PARAMS, INFO, quality)
    checker = Checker(document)
    assert checker.faults == []
    assert {"held in", "held out", "Trial by trial", "17"} <= set(checker.words)
    assert f"{metrics['channel_groups']['valid']['held_in']['bits_per_spike']:.4g}" in checker.words
    assert f"{quality.bits_per_spike[17]:.4g}" in checker.words
    worse = f"Of 60 trials, {100 * quality.share_worse:.3g} % are predicted worse"
    assert any(word.startswith(worse) for word in checker.words)


def test_values_that_are_not_counts_have_no_section_of_trials(tmp_path):
    splits = {name: dataclasses.replace(split, x=split.x + 0.5) for name, split in DATASET.splits.items()}
    path = report_run(make_run(tmp_path, FakeModel(lambda s: s.truth, **PARAMS), Dataset(**splits)), samples=2)
    assert "Trial by trial" not in path.read_text(encoding="utf-8")


def test_a_run_without_anything_still_has_a_page():
    document = build_report("empty", {}, [], [], {}, {})
    assert Checker(document).faults == []
    assert "has not been evaluated" in document and "no training on record" in document


def test_scores_without_validation_are_shown(metrics):
    document = build_report("test only", {"test": metrics["valid"], "baselines": {}, "units": {}}, [], [], PARAMS, INFO)
    assert Checker(document).faults == []


def test_is_written_whole_over_an_old_one(tmp_path):
    (tmp_path / "report.html").write_text("old")
    path = write_report(tmp_path, "new", {}, [], [], PARAMS, INFO)
    assert path == tmp_path / "report.html" and "<h1>new</h1>" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_is_evaluated_drawn_and_reported(tmp_path):
    model = FakeModel(lambda split: split.truth, **PARAMS | {"heldout_channels": "1::3"})
    path = report_run(make_run(tmp_path / "run7", model, DATASET, HISTORY), samples=2)
    document = path.read_text(encoding="utf-8")
    checker = Checker(document)
    assert path == tmp_path / "run7" / "report.html" and checker.faults == []
    assert "lfads run run7" in checker.words and checker.tags.count("img") == 7
    assert not model.shown["valid"].x[:, :, 1].any()
