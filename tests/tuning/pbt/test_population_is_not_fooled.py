"""A member that copies its input spikes has the better likelihood of them; the population must not follow it."""

import numpy as np
import pytest

from indl_vae.analysis.metrics import poisson_nll, r2
from indl_vae.params import make_params
from indl_vae.training import load_run
from indl_vae.training.metrics_csv import read_metrics
from indl_vae.tuning.pbt.best_member import keep_best
from indl_vae.tuning.pbt.member_trainer import MemberTrainer
from indl_vae.tuning.pbt.population import Population, order_of
from indl_vae.tuning.pbt.population_settings import PopulationSettings
from tests.training.test_selection_is_not_fooled import SIZES, oscillations
from tests.tuning.pbt.populations import train_generation

pytestmark = pytest.mark.slow

#: Both have six inferred inputs through which spikes could be passed on, and no coordinated dropout, with which no
#: member can learn to; the first pays nothing for it.
COPIES = {"kl_f_weight": 1e-5, "kl_z_weight": 1e-5}
DENOISES = {"kl_f_weight": 1.0, "kl_z_weight": 1.0}
SPACE = {name: {"low": 1e-6, "high": 2.0} for name in COPIES}


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fooled")
    data = oscillations()
    params = make_params(
        "autolfads", {**SIZES, "z_latent_size": 6, "coordinated_dropout_rate": 0.0, **DENOISES, "tensorboard": False}
    )
    settings = PopulationSettings.read(
        {"size": 2, "generations": 2, "epochs_per_generation": 20, "patience": 0, "space": SPACE}
    )
    population = Population(folder, settings, burn_in=20)
    for member, values in zip(population.state["members"], (COPIES, DENOISES), strict=True):
        member["values"] = dict(values)
    trainer = MemberTrainer(params, data, folder / "members")
    train_generation(population, trainer, lambda: keep_best(population, folder))
    return population, folder, data


def last_row(folder, member):
    return read_metrics(folder / "members" / f"{member:03d}" / "metrics.csv")[-1]


def test_the_copying_member_beats_the_true_rates_on_the_spikes_it_saw(population):
    _, folder, data = population
    truth = poisson_nll(data.valid.truth, data.valid.x)
    assert last_row(folder, 0)["val_nll"] < truth < last_row(folder, 1)["val_nll"]


def test_it_copies_the_denoising_one_and_is_not_the_best(population):
    state, folder, data = population
    scores = [one["score"] for one in state.history[0]["members"]]
    assert scores[1] < scores[0]
    assert order_of(state.state, 0)["copied"] == 1 and order_of(state.state, 1)["copied"] is None
    assert state.state["best"]["member"] == 1
    rates = load_run(folder / "best").posterior(data.valid, samples=5)["rates"]
    assert r2(np.asarray(rates), data.valid.truth) > 0.5
