"""The page about several regions, of a run trained on the spot and of one that is there."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import indl_vae
from indl_vae.analysis.report import report_run
from indl_vae.data import load_dataset, synthetic
from indl_vae.training.pictures import PictureMaker

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLES))
        yield importlib.import_module("regions")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("regions")
    sizes = {"n_train": 12, "n_valid": 4, "n_test": 4, "n_bins": 20}
    [data] = synthetic.write("double-well", folder / "wells.h5", seed=0, **sizes)
    settings = {"n_states": 2, "n_epochs": 1, "start_steps": 2, "jit_compile": False, "tensorboard": False}
    dataset = load_dataset(data, likelihood="gaussian")
    indl_vae.train(indl_vae.make_params("mrsds", settings), dataset, folder / "run")
    return folder, data


def test_the_page_holds_figures_and_pictures_and_fetches_nothing(script, run):
    folder, data = run
    where = ["--out", str(folder / "page"), "--run", str(folder / "run"), "--data", str(data)]
    found = script.main([*where, "--regions", "decide", "control"])
    page = found.read_text()
    assert page.count('src="data:image/png;base64,') == 4
    assert "<script" not in page and "http" not in page.split("<body>")[1]
    for words in (
        "Discrete states",
        "Messages",
        "Trajectories on the field",
        "Generation",
        "share of bins whose state",
    ):
        assert words in page


def test_the_report_and_the_pictures_while_training_have_them_too(run):
    folder, _ = run
    opened = indl_vae.load_run(folder / "run")
    assert "Messages between regions" in report_run(opened, samples=2).read_text()
    titles = [title for title, _, _ in PictureMaker(opened.load_dataset())(opened.model)]
    assert {"Discrete states", "Messages between regions", "Generation"} < set(titles)


@pytest.mark.slow
def test_the_simulation_is_trained_once(script, tmp_path):
    page = script.main(["--out", str(tmp_path), "--epochs", "2"])
    trained = (tmp_path / "run" / "metrics.csv").stat().st_mtime_ns
    text = page.read_text()
    assert (
        text.count("<img ") == 4
        and "45 test trials of 75 bins and 100 channels" in text
        and "2 discrete states" in text
    )
    script.main(["--out", str(tmp_path), "--epochs", "2"])
    assert (tmp_path / "run" / "metrics.csv").stat().st_mtime_ns == trained
