"""The hyper-model: what is built of what is drawn, how it trains, and that copying spikes does not win."""

from __future__ import annotations

import subprocess
import sys

import keras_tuner
import numpy as np
import pytest

from indl_vae.data import Dataset
from indl_vae.errors import ConfigError
from indl_vae.models import build_model
from indl_vae.tuning import VAEHyperModel
from indl_vae.typing import DataSpec
from tests.training.test_selection_is_not_fooled import COPIES, SIZES, oscillations
from tests.tuning.test_search_space import VARIANTS, samples, space

TINY = {
    "f_units": [4], "f_latent_size": 3, "z1_units": 4, "con_units": 4, "gen_units": 6, "n_factors": 3, "batch_size": 8,
    "kl_ramp_length": 0, "l2_ramp_length": 0, "jit_compile": False, "n_epochs": 2,
}  # fmt: skip
#: Sizes that are not searched here, so that models are built in a moment.
SMALL = {"mrsds": {"region_sizes": [5, 3], "initialisation": "random"}, "ceneurovae": {"preset": "small"}}
CASES = [("lfads", {}), ("ceneurovae", {}), ("dsae", {}), ("fhvae", {}), ("dendplrnn", {}), ("mrsds", {})]


def tiny_data(n_bins=12) -> Dataset:
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.5, (20, n_bins, 6)).astype("float32")
    return Dataset.from_arrays(train={"x": counts[:16]}, valid={"x": counts[16:]}, bin_width_s=0.01)


def build_samples(family, fixed, n):
    found = space(family, entries=(24, 8), jit_compile=False, **{**SMALL.get(family, {}), **fixed})
    for values in samples(found, n):
        model = build_model(found.params(values), DataSpec(8, 24, n_identities=4, n_sequences=3))
        assert model.optimizer is not None and model.count_params() > 0
        for name in ("z_latent_size", "n_states", "learning_rate"):
            if name in values:
                assert model.params[name] == values[name]


@pytest.mark.parametrize(("family", "fixed"), CASES)
def test_samples_of_every_family_are_built(family, fixed):
    build_samples(family, fixed, 1)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "fixed"), [*CASES, *VARIANTS])
def test_samples_of_every_variant_are_built(family, fixed):
    build_samples(family, fixed, 4)


def test_the_search_space_is_what_keras_tuner_sees():
    hyper = VAEHyperModel("lfads", tiny_data(), space={"co_dim": [0, 2], "con_dim": [4, 5]}, **TINY_WITHOUT_CON)
    hp = keras_tuner.HyperParameters()
    params = hyper.params(hp)
    assert {one.name for one in hp.space} == {"z_latent_size", "con_units"}
    assert params.z_latent_size == 0 and "con_units" not in hp.values
    hp.values["z_latent_size"] = 2
    hp.ensure_active_values()
    assert hyper.params(hp).con_units == hp.values["con_units"]


TINY_WITHOUT_CON = {name: value for name, value in TINY.items() if name != "con_units"}


def test_what_the_file_holds_out_is_held_out():
    data = tiny_data()
    hyper = VAEHyperModel("lfads", data, space={"learning_rate": None}, heldout_bins=2, **TINY)
    assert hyper.params(keras_tuner.HyperParameters()).heldout_bins == 2


def test_a_search_with_a_tuner_of_keras_tuner(tmp_path):
    data = tiny_data()
    hyper = VAEHyperModel("lfads", data, space={"learning_rate": [1e-3, 2e-3]}, **TINY)
    objective = keras_tuner.Objective("val_selection", "min")
    tuner = keras_tuner.RandomSearch(hyper, objective, max_trials=2, seed=1, directory=tmp_path, project_name="a")
    with pytest.raises(Exception, match="search: expected no data, of which the hyper-model holds all"):
        hyper.fit(None, None, data.train.x)
    tuner.search(verbose=0)
    trials = tuner.oracle.trials.values()
    assert [trial.status for trial in trials] == ["COMPLETED"] * 2
    assert all(np.isfinite(trial.score) for trial in trials) and len({trial.score for trial in trials}) == 2
    assert tuner.get_best_models()[0].params.learning_rate in (1e-3, 2e-3)


def test_scores_before_the_end_of_the_ramps_do_not_count():
    data = tiny_data()
    with pytest.raises(ConfigError, match="n_epochs: expected at least 4, got 2: scores count once the ramps"):
        VAEHyperModel("lfads", data, space={"learning_rate": None}, **{**TINY, "kl_ramp_length": 3})
    fixed = {**TINY_WITHOUT_RAMP, "n_epochs": 1}
    hyper = VAEHyperModel("lfads", data, {"kl_ramp_length": 0}, {"kl_ramp_length": [0, 9]}, **fixed)
    hp = keras_tuner.HyperParameters()
    hyper.params(hp)
    assert np.isfinite(hyper.fit(hp, hyper.build(hp))["val_selection"])
    hp.values["kl_ramp_length"] = 9
    with pytest.raises(keras_tuner.errors.FailedTrialError, match="no score: the ramps did not end"):
        hyper.fit(hp, hyper.build(hp))


TINY_WITHOUT_RAMP = {name: value for name, value in TINY.items() if name != "kl_ramp_length"}


def test_a_selection_that_could_be_fooled_is_refused():
    with pytest.raises(ConfigError, match="select_on: expected 'hidden' or 'heldout_channels' for a search, got 'nll'"):
        VAEHyperModel("lfads", tiny_data(), select_on="nll", sv_rate=0.2)


def test_the_name_is_loaded_when_it_is_asked_for():
    code = (
        "import sys, indl_vae.tuning as t; print(sorted({'keras_tuner', 'tensorflow', 'keras'} & set(sys.modules)));"
        "sys.modules['keras_tuner'] = None; t.VAEHyperModel"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
    assert "ConfigError: keras-tuner: expected it to be installed" in done.stderr
    assert 'Call: pip install "indl_vae[tune]"' in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "fixed"),
    [
        ("dsae", {}),
        ("fhvae", {"segment_length": 4, "segment_shift": 2, "n_means": 3}),
        ("dendplrnn", {"likelihood": "poisson"}),
        ("dendplrnn", {"training": "teacher_forcing"}),
        ("mrsds", {"region_sizes": [3, 3], "likelihood": "poisson", "initialisation": "random"}),
        ("autolfads", {}),
    ],
)
def test_every_family_reports_the_score(family, fixed):
    common = {"select_on": "hidden", "jit_compile": False, "batch_size": 8, "kl_ramp_length": 0, "l2_ramp_length": 0}
    hyper = VAEHyperModel(family, tiny_data(), space={"learning_rate": None}, n_epochs=2, **common, **fixed)
    hp = keras_tuner.HyperParameters()
    score = hyper.fit(hp, hyper.build(hp))
    assert set(score) == {"val_selection"} and np.isfinite(score["val_selection"])


@pytest.mark.slow
def test_the_setting_that_copies_spikes_is_not_selected(tmp_path):
    """With nothing that keeps the encoder from passing spikes on, seen spikes are the likelier, hidden ones not."""
    fixed = {**SIZES, **COPIES, "l2_ramp_length": 0}
    del fixed["coordinated_dropout_rate"]
    data = oscillations()
    hyper = VAEHyperModel("lfads", data, space={"coordinated_dropout_rate": [0.0, 0.3]}, **fixed)
    seen = {}

    class Keeps(keras_tuner.GridSearch):
        def run_trial(self, trial, *args, **options):
            hp = trial.hyperparameters
            model = hyper.build(hp)
            score = hyper.fit(hp, model)
            rate = hp["coordinated_dropout_rate"]
            seen[rate] = model.evaluate(data.valid.batches(32), return_dict=True, verbose=0)["nll"]
            return score

    objective = keras_tuner.Objective("val_selection", "min")
    tuner = Keeps(hyper, objective, max_trials=2, directory=tmp_path, project_name="trap")
    tuner.search(verbose=0)
    assert seen[0.0] < seen[0.3], "the trap: the copying setting has the better likelihood of what it saw"
    assert tuner.get_best_hyperparameters()[0]["coordinated_dropout_rate"] == 0.3
