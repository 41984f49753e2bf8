"""Models of ordered levels and of classes from end to end."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from indl_vae.analysis.evaluate import evaluate, evaluate_to_json
from indl_vae.analysis.report import report_run
from indl_vae.analysis.scores import OF_COUNTS, UNITS
from indl_vae.data import Dataset, write_dataset
from indl_vae.data.sessions import join_sessions
from indl_vae.errors import DataError
from indl_vae.models import build_model
from indl_vae.params import make_params
from indl_vae.training import load_for, train
from tests.training.tiny import SIZES, tiny_params

L = 3
DSAE = {
    "f_units": [5], "f_latent_size": 3, "z1_units": 4, "z2_units": 4, "z_latent_size": 2, "feature_units": [6],
    "decoder_units": [6], "z_prior_units": 5, "jit_compile": False, "batch_size": 8, "tensorboard": False,
}  # fmt: skip
SIZES_OF = {"lfads": SIZES, "dsae": DSAE}
MODELS = [("lfads", "categorical"), ("dsae", "ordinal")]


def level_data(n_channels: int = 4, seed: int = 0) -> Dataset:
    """16 training and 6 validation trials of 9 bins, with a missing entry and the true mean levels."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, L, size=(22, 9, n_channels)).astype("float32")
    truth = rng.uniform(0.8, 1.2, size=x.shape).astype("float32")
    x[1, 2, 3] = np.nan
    parts = {"train": slice(0, 16), "valid": slice(16, 22)}
    given = {
        name: {"x": x[rows], "truth": truth[rows], "condition": np.arange(len(x[rows])) % 3}
        for name, rows in parts.items()
    }
    return Dataset.from_arrays(**given, likelihood="ordinal", n_levels=L, missing="mask", bin_width_s=0.01)


@pytest.fixture(scope="module", params=MODELS, ids="-".join)
def run(request, tmp_path_factory):
    """A run of one epoch on data from a file."""
    family, likelihood = request.param
    folder = tmp_path_factory.mktemp("levels")
    path = write_dataset(level_data(), folder / "levels.h5")
    sizes = {**SIZES_OF[family], "likelihood": likelihood, "n_levels": L, "missing": "mask", "n_epochs": 1}
    params = make_params(family, sizes)
    return train(params, load_for(params, path), folder / "run")


def test_an_epoch_and_what_is_inferred(run):
    (row,), dataset = run.history, run.load_dataset()
    assert np.isfinite([row["loss"], row["val_nll"]]).all() and 0 < row["val_nll"] < 3 * np.log(L)
    assert "bits_per_spike" not in row
    rates = run.model.posterior(dataset.valid, samples=3)["rates"]
    assert rates.shape == dataset.valid.x.shape and np.isfinite(rates).all()
    assert rates.min() >= 0 and rates.max() <= L - 1
    probabilities = run.model.likelihood.probabilities(run.model(dataset.valid.batch())).numpy()
    assert probabilities.shape == (*rates.shape, L)
    np.testing.assert_allclose(probabilities.sum(-1), 1.0, rtol=1e-5)


def test_levels_have_no_scores_of_counts(run):
    result = evaluate(run.model, run.load_dataset(), samples=2)
    for scores in (result["train"], result["valid"], *result["baselines"].values()):
        assert list(scores) == list(UNITS) and {scores[key] for key in OF_COUNTS} == {None}
    assert np.isfinite(result["valid"]["r2_rates"])
    assert result["units"] == UNITS
    page = report_run(run, samples=2)
    assert "Trial by trial" not in page.read_text(encoding="utf-8")
    written = json.loads((page.parent / "scores.json").read_text(encoding="utf-8"))
    assert {written["valid"][key] for key in OF_COUNTS} == {None}


def test_groups_of_channels_have_none_either(run):
    params = run.params.replace(heldout_channels=1)
    result = evaluate(build_model(params, run.load_dataset()), run.load_dataset(), samples=1)
    assert result["channel_groups"]["valid"]["held_in"] == {
        "n_channels": 3, "bits_per_spike": None, "co_bps": None, "fp_bps": None
    }  # fmt: skip


def test_trials_of_levels_have_no_scores(run, tmp_path):
    message = r"per_trial: expected counts to score trials of, got levels \(likelihood '.*'\); leave it out"
    with pytest.raises(DataError, match=message):
        evaluate_to_json(run.model, run.load_dataset(), tmp_path / "x.json", per_trial=tmp_path / "x.csv")


def test_levels_that_the_model_has_not_are_refused():
    dataset = level_data()
    params = tiny_params(likelihood="categorical", n_levels=2)
    expected = (
        r"memory: train_data: value 2 at trial \d+, bin \d+, channel \d+ .*expected levels 0 to 1, as n_levels = 2"
    )
    with pytest.raises(DataError, match=expected):
        build_model(params, dataset)
    valid = dataset.valid.x.copy()
    valid[2, 3, 1] = 0.5
    with pytest.raises(DataError, match="valid_data: non-integer value 0.5 at trial 2, bin 3, channel 1"):
        build_model(params.replace(n_levels=L), replace(dataset, valid=replace(dataset.valid, x=valid)))
    hidden = np.where(dataset.valid.x > 1, 0, np.ones_like(valid))
    masked = replace(dataset, train=replace(dataset.train, mask=np.where(dataset.train.x > 1, 0, dataset.train.mask)))
    masked = replace(masked, valid=replace(dataset.valid, mask=hidden))
    assert build_model(params, masked).likelihood.n_levels == 2


@pytest.mark.parametrize("likelihood", ["ordinal", "categorical"])
def test_read_outs_of_sessions_start_without_the_means(likelihood, tmp_path):
    """Scores follow the levels, so that kernels of read-outs may start from an alignment; logits of classes do not."""
    parts = {}
    for number, name in enumerate(("mon", "tue")):
        data = level_data(4 + number, number)
        parts[name] = replace(data, source=str(write_dataset(data, tmp_path / f"rat_{name}.h5")))
    dataset, readouts = join_sessions(parts), {}
    for alignment in ("random", "pcr"):
        params = tiny_params(likelihood=likelihood, n_levels=L, alignment=alignment, read_out_start="pinv")
        readouts[alignment] = build_model(params, dataset).core.get_layer("readout")
    assert not any(np.asarray(bias).any() for bias in readouts["pcr"].biases)
    as_random = [
        np.array_equal(ours, theirs)
        for ours, theirs in zip(readouts["pcr"].kernels, readouts["random"].kernels, strict=True)
    ]
    assert as_random == [likelihood == "categorical"] * 2
