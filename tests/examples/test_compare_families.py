"""The comparison of families writes a page and figures, and opens what it trained."""

from __future__ import annotations

import importlib
import json
import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from indl_vae.data import synthetic

EXAMPLES = Path(__file__).parents[2] / "examples"
MODELS = ("dsae_factorized", "fhvae")
OF_MODELS = {"co_bps", "bits_per_spike", "r2_rates", "kl_f", "kl_z", "weights", "epochs", "seconds"}
LABELS = ("static", "dynamic")


@pytest.fixture(scope="module")
def examples():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLES))
        yield importlib.import_module


@pytest.fixture(scope="module")
def first(examples, tmp_path_factory):
    """Command line, folder and figures of a first call."""
    folder = tmp_path_factory.mktemp("compare")
    sizes = {"n_train": 40, "n_valid": 20, "n_test": 20, "n_static": 2, "n_dynamic": 2, "n_channels": 8, "n_bins": 13}
    [data] = synthetic.write("static-dynamic", folder / "data.h5", seed=0, **sizes)
    arguments = ["--out", str(folder), "--data", str(data), "--epochs", "1", "--set", "jit_compile=false"]
    arguments += ["--families", *MODELS]
    return arguments, folder, examples("compare_families").main(arguments)


@pytest.mark.slow
def test_all_figures_are_there_and_finite(first):
    _, folder, result = first
    assert json.loads((folder / "compare.json").read_text()) == result
    wanted = OF_MODELS | {f"{label} from {latent}" for label in LABELS for latent in ("f", "z")}
    assert set(result["models"]) == set(MODELS) and result["split"] == "test"
    for row in result["models"].values():
        assert set(row) == wanted and all(math.isfinite(value) for value in row.values())
    assert set(result["baselines"]) == {"train_mean", "psth", "smoothing_glm"}
    assert all(math.isfinite(value) for row in result["baselines"].values() for value in row.values())
    assert set(result["chance"]) == set(LABELS) and len(result["seen_spikes"]) == len(LABELS)


def test_page_holds_figures_and_pictures_and_fetches_nothing(first):
    _, folder, result = first
    page = (folder / "compare.html").read_text()
    assert page.count("<img ") == 4 * len(MODELS) == page.count('src="data:image/png;base64,')
    assert "<script" not in page and "http" not in page.split("<body>")[1]
    for row in result["models"].values():
        assert f"{row['co_bps']:.3f}" in page


def test_second_call_opens_the_runs(first, examples, monkeypatch):
    arguments, folder, result = first
    module = examples("compare_families")
    monkeypatch.setattr(module.indl_vae, "train", lambda *args, **kwargs: pytest.fail("trained again"))
    monkeypatch.setattr(module, "compare", lambda runs, seconds, dataset: {"runs": runs, "seconds": seconds})
    monkeypatch.setattr(module, "write_json", lambda *args: None)
    monkeypatch.setattr(module, "write_page", lambda *args: folder / "compare.html")
    monkeypatch.setattr(module, "json", SimpleNamespace(dumps=lambda *args, **kwargs: "", loads=json.loads))
    opened = module.main(arguments)
    assert set(opened["runs"]) == set(MODELS) and all(len(run.history) == 1 for run in opened["runs"].values())
    assert opened["seconds"] == {name: row["seconds"] for name, row in result["models"].items()}


def test_runs_of_other_data_are_refused(first, examples, tmp_path):
    arguments, _, _ = first
    other = synthetic.write("static-dynamic", tmp_path / "other.h5", seed=1, n_train=20, n_valid=10, n_test=10)[0]
    arguments = [str(other) if arguments[i - 1] == "--data" else word for i, word in enumerate(arguments)]
    with pytest.raises(SystemExit, match="other data"):
        examples("compare_families").main(arguments)


def test_condition_is_the_label_where_there_are_no_classes(examples):
    made = synthetic.make("lorenz", n_conditions=3, n_replications=5).dataset()
    labels = examples("compare_scores").labels_of(made.valid)
    assert set(labels) == {"condition"} and (labels["condition"] == made.valid.condition).all()
