"""The page about worms, of a model trained on the spot, and what reports and benchmarks make of it."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

import indl_vae
from benchmarks.experiment import Variant
from benchmarks.worms import made
from indl_vae.analysis.neuron_figures import neuron_figures
from indl_vae.analysis.neurons import whole_recording, worm_arrays
from indl_vae.analysis.report import report_run
from indl_vae.data.synthetic.worms import make_worms
from indl_vae.training.latent_kl_log import read_latent_kl
from indl_vae.training.pictures import PictureMaker

EXAMPLES = Path(__file__).parents[2] / "examples"
TINY = ["--animals", "5", "--bins", "40", "--classes", "8", "--window", "20", "--epochs", "1"]
SMALL = {"jit_compile": "false", "model_size": 8, "n_layers": 1, "n_heads": 2, "neuron_units": 4, "decoder_hidden": 6}
TITLES = [
    "Neurons shown and hidden",
    "What the latent that varies most does",
    "Map of identities",
    "Which latents are used",
]


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLES))
        yield importlib.import_module("ceneurovae_worms")


@pytest.fixture(scope="module")
def page(script, tmp_path_factory):
    folder = tmp_path_factory.mktemp("worms")
    settings = [word for key, value in SMALL.items() for word in ("--set", f"{key}={value}")]
    return script.main(["--out", str(folder), *TINY, *settings])


@pytest.fixture(scope="module")
def opened(page):
    data = made.make_data(0, n_animals=5, n_bins=40, n_classes=8, window_T=20, stride=10)
    return indl_vae.load_run(page.parent / "run"), data


def test_the_page_holds_figures_and_pictures_and_fetches_nothing(page):
    text = page.read_text()
    assert text.count('src="data:image/png;base64,') == 7
    assert "could not be drawn" not in text
    assert "<script" not in text and "http" not in text.split("<body>")[1]
    for words in (*TITLES, "Tuning to velocity", "from the other neurons and behaviour", "Canonical correlations"):
        assert words in text
    epochs, table = read_latent_kl(page.parent / "latent_kl.csv")
    assert epochs.tolist() == [1] and table.shape == (1, 24)


def test_a_trained_model_is_opened_not_trained_again(script, page, capsys):
    before = (page.parent / "run" / "metrics.csv").read_bytes()
    script.main(["--out", str(page.parent), *TINY])
    printed = capsys.readouterr().out
    assert "the model, which is not shown the neuron" in printed and "epoch 1/" not in printed
    assert (page.parent / "run" / "metrics.csv").read_bytes() == before


def test_reports_and_pictures_while_training_have_them_too(opened):
    run, data = opened
    titles = [title for title, _, _ in PictureMaker(data)(run.model)]
    assert {*TITLES, "Tuning to behaviour 2"} < set(titles)
    run.load_dataset = lambda: data
    text = report_run(run, samples=2).read_text()
    assert all(title in text for title in TITLES) and "could not be drawn" not in text


def test_other_models_have_no_such_pictures(opened):
    assert neuron_figures(object(), opened[1].test) == []


def test_the_benchmark_scores_it(opened):
    run, data = opened
    found = made.score(run, data, 0, Variant("ceneurovae", {}, {"hidden": 3}))
    assert set(found["r2"]) == {
        "model",
        "permuted",
        "shown",
        *(f"ridge_{n}" for n in ("behavior", "neurons", "both")),
        "class_mean",
    }
    assert found["lost_by_permuting"] == pytest.approx(found["r2"]["model"] - found["r2"]["permuted"])
    assert len(found["class_r2"]["model"]) == len(found["classes"]) and len(found["cca"]) == 3


def test_one_window_of_a_recording_is_what_the_model_says_of_it(opened):
    run, data = opened
    worms = make_worms(0, 5, 40, 8).worms
    uid = worms.uids[int(data.test.extras["sequence_id"][0])]
    first = int(data.test.extras["start"][0])
    arrays = {**worm_arrays(worms, uid), "segments": [(first, first + 20)]}
    whole = whole_recording(run.model, **arrays, window_T=20)
    np.testing.assert_allclose(whole.latents[first : first + 20], run.model.states(data.test)[0], atol=1e-5)
    expected = run.model.impute(data.test.take(0), arrays["identity"])[0]
    np.testing.assert_allclose(whole.values[first : first + 20], expected, atol=1e-5)
