from __future__ import annotations

import dataclasses
import io
import json

import numpy as np
import pytest
from rich.console import Console

from indl_vae.analysis.evaluate import evaluate, evaluate_to_json, evaluation_table
from indl_vae.analysis.scores import UNITS
from indl_vae.errors import DataError
from indl_vae.json_file import write_json
from tests.analysis.example_data import FakeModel, make_dataset, make_split

DATASET = make_dataset()


@pytest.fixture(scope="module")
def result():
    return evaluate(FakeModel(lambda split: split.truth, heldout_channels="1::3", heldout_bins=4), DATASET)


def test_has_a_key_per_split_baselines_and_units(result):
    assert list(result) == ["train", "valid", "baselines", "units", "channel_groups"]
    assert list(result["baselines"]) == ["train_mean", "psth", "smoothing_glm"]
    for scores in (result["train"], result["valid"], *result["baselines"].values()):
        assert list(scores) == list(UNITS) == list(result["units"])


def test_channel_groups_stand_beside_the_splits(result):
    assert list(result["channel_groups"]) == ["train", "valid"]
    groups = result["channel_groups"]["valid"]
    assert list(groups) == ["held_in", "held_out"] and groups["held_out"]["n_channels"] == 2
    assert groups["held_out"]["co_bps"] == pytest.approx(result["valid"]["co_bps"])
    assert evaluate(FakeModel(lambda split: split.truth), DATASET)["channel_groups"] is None


def test_the_truth_beats_every_baseline(result):
    for key in ("bits_per_spike", "co_bps", "fp_bps", "r2_rates", "r2_log_rates"):
        best = max(scores[key] for scores in result["baselines"].values())
        assert result["valid"][key] > best, key
    assert result["valid"]["nll"] < min(scores["nll"] for scores in result["baselines"].values())
    assert abs(result["baselines"]["train_mean"]["co_bps"]) < 0.05


def test_the_model_is_not_shown_what_is_held_out():
    model = FakeModel(lambda split: np.ones_like(split.x), heldout_channels="1::3", heldout_bins=4)
    test = dataclasses.replace(DATASET, test=make_split("test", seed=5))
    assert "test" in evaluate(model, test, samples=1)
    assert set(model.shown) == {"train", "valid", "test"}
    for split in model.shown.values():
        assert not split.x[:, :, [1, 4]].any() and not split.x[:, 16:].any()
        assert split.x[:, :16, 0].any()
    assert DATASET.valid.x[:, :, 1].any(), "the data set itself is untouched"


def test_a_baseline_that_the_data_do_not_allow_is_null():
    dataset = make_dataset(condition=None)
    result = evaluate(FakeModel(lambda split: split.truth), dataset)
    assert set(result["baselines"]["psth"].values()) == {None}
    assert result["baselines"]["train_mean"]["nll"] is not None


def test_validation_without_training_has_no_baselines():
    dataset = dataclasses.replace(DATASET, train=None)
    result = evaluate(FakeModel(lambda split: split.truth), dataset)
    assert list(result) == ["valid", "baselines", "units", "channel_groups"]
    assert result["valid"]["nll"] is not None
    assert all(set(scores.values()) == {None} for scores in result["baselines"].values())


def test_behaviour_is_scored_for_model_and_baselines():
    behavior = {name: getattr(DATASET, name).truth[:, :, :1] for name in ("train", "valid")}
    splits = {name: dataclasses.replace(getattr(DATASET, name), behavior=behavior[name]) for name in behavior}
    result = evaluate(FakeModel(lambda split: split.truth), dataclasses.replace(DATASET, **splits))
    assert result["valid"]["behavior_r2"] > 0.99 > result["baselines"]["train_mean"]["behavior_r2"]
    assert result["train"]["behavior_r2"] is None


def test_rates_that_are_not_finite_name_the_trial():
    def broken(split):
        rates = np.ones_like(split.x)
        rates[3, 0, 0] = np.nan
        return rates

    with pytest.raises(DataError, match="rates of train: .* first in trial 3"):
        evaluate(FakeModel(broken), DATASET)


def test_is_written_as_strict_json(tmp_path):
    path = tmp_path / "new" / "metrics.json"
    result = evaluate_to_json(FakeModel(lambda split: split.truth), DATASET, path)
    text = path.read_text()
    assert json.loads(text) == result and "NaN" not in text
    assert list(path.parent.iterdir()) == [path], "no half file is left"


def test_scores_of_trials_are_written_when_asked_for(tmp_path):
    model = FakeModel(lambda split: split.truth, heldout_channels="1::3")
    evaluate_to_json(model, DATASET, tmp_path / "metrics.json", per_trial=tmp_path / "trials.csv")
    rows = (tmp_path / "trials.csv").read_text().splitlines()
    assert len(rows) == 101 and rows[41].startswith("valid,0,")
    spikes = DATASET.valid.x[0][:, [0, 2, 3, 5]].sum()
    assert rows[41].split(",")[2] == f"{spikes:.0f}", "over the channels that the model sees"


def test_a_number_that_is_not_finite_leaves_the_old_file(tmp_path):
    path = write_json({"a": 1}, tmp_path / "metrics.json")
    with pytest.raises(ValueError, match="JSON"):
        write_json({"a": float("nan")}, path)
    assert json.loads(path.read_text()) == {"a": 1}


def test_the_table_sets_model_beside_baselines(result):
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(evaluation_table(result))
    text = console.export_text()
    assert f"{result['valid']['co_bps']:.4f}" in text
    for name in ("model", "train_mean", "psth", "smoothing_glm", "fp_bps"):
        assert name in text
    assert "behavior_r2" not in text, "a column without a figure is left out"
    assert evaluation_table(result, "train").row_count == 1
    with pytest.raises(DataError, match="split: 'test' is not in this evaluation, which has train, valid"):
        evaluation_table(result, "test")
