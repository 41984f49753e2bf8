"""A member's generation is a function of the states on the disk: whoever trains it, whenever, gets the same."""

import csv
import json
import math
import shutil

import keras
import numpy as np
import pytest

from indl_vae.data import load_for
from indl_vae.errors import RunError
from indl_vae.models.live_values import live_values
from indl_vae.training import load_run
from indl_vae.training.checkpoints import Checkpoints
from indl_vae.tuning.pbt.best_member import keep_best, lineage
from indl_vae.tuning.pbt.member_trainer import MemberTrainer
from indl_vae.tuning.pbt.population import Population, order_of
from tests.tuning.pbt.populations import tiny_plan, train_generation


def trainer_for(plan, folder):
    return MemberTrainer(plan.params, load_for(plan.params, plan.source), folder / "members")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A population after two generations, its trainer, and its folder."""
    folder = tmp_path_factory.mktemp("population")
    plan = tiny_plan(folder)
    population = Population(folder, plan.settings, plan.burn_in)
    trainer = trainer_for(plan, folder)
    for _ in range(2):
        train_generation(population, trainer, lambda: keep_best(population, folder))
    return population, trainer, folder, plan


def weights_of(path):
    model = keras.models.load_model(path / "model.keras")
    return [np.asarray(one.value) for one in [*model.variables, *model.optimizer.variables]]


def state_of(folder, member, epoch):
    return Checkpoints(folder / "members" / f"{member:03d}" / "checkpoints").of_epoch(epoch)


def test_members_begin_with_weights_of_their_own(trained):
    _, _, folder, _ = trained
    first = [np.concatenate([np.ravel(one) for one in weights_of(state_of(folder, m, 3))]) for m in (0, 1)]
    assert not np.allclose(first[0], first[1])


def test_another_trainer_that_goes_through_a_generation_again_gets_the_same(trained, tmp_path):
    """As after an interruption: the states after the generation are there, or not, and make no difference."""
    population, _, folder, plan = trained
    shutil.copytree(folder, tmp_path / "again")
    done = population.history[1]
    other = trainer_for(plan, tmp_path / "again")
    for member in (2, 0, 1):
        one = done["members"][member]
        order = {"member": member, "generation": 2, "first_epoch": 3, "last_epoch": 5, "copied": one["copied"]}
        assert other.train({**order, "values": one["values"]})["score"] == pytest.approx(one["score"], rel=1e-6)
        for ours, theirs in zip(
            weights_of(state_of(tmp_path / "again", member, 5)), weights_of(state_of(folder, member, 5)), strict=True
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)  # without XLA sums may round otherwise


def test_a_member_that_copies_takes_weights_and_optimizer_and_keeps_its_own_noise(trained, monkeypatch, tmp_path):
    population, trainer, folder, _ = trained
    shutil.copytree(folder, tmp_path / "copy")
    monkeypatch.setattr(trainer, "members", tmp_path / "copy" / "members")
    began = {}

    def look(params, files, scores, first_epoch):
        began["model"] = [np.asarray(one.value) for one in trainer.model.trainable_variables]
        began["optimizer"] = [np.asarray(one.value) for one in trainer.model.optimizer.variables]
        began["noise"] = [np.asarray(one.state.value) for one in trainer.model.seed_generators]
        began["smoothed"], began["live"] = dict(scores.smoothed), live_values(trainer.model)
        return {}

    monkeypatch.setattr(trainer, "_fit", look)
    values = population.history[1]["members"][0]["values"]
    order = {"member": 1, "generation": 3, "first_epoch": 5, "last_epoch": 7, "copied": 0, "values": values}
    assert trainer.train(order)["score"] == math.inf, "no epoch, no score"
    donor, own = (keras.models.load_model(state_of(folder, member, 5) / "model.keras") for member in (0, 1))
    for ours, theirs in zip(began["model"], donor.trainable_variables, strict=True):
        np.testing.assert_array_equal(ours, theirs.numpy())
    names = [one.path for one in donor.optimizer.variables]
    for name, ours, theirs in zip(names, began["optimizer"], donor.optimizer.variables, strict=True):
        if "learning_rate" not in name:
            np.testing.assert_array_equal(ours, np.asarray(theirs.value))
    for ours, theirs in zip(began["noise"], own.seed_generators, strict=True):
        np.testing.assert_array_equal(ours, np.asarray(theirs.state.value))
    memory = json.loads((state_of(folder, 0, 5) / "state.json").read_text())["memory"]
    assert began["smoothed"] == memory["EpochScores"]["smoothed"]
    assert {name: began["live"][name] for name in values} == pytest.approx(values)


def test_the_values_of_a_generation_act_from_its_first_epoch(trained):
    population, _, folder, _ = trained
    for member, one in enumerate(population.history[1]["members"]):
        rows = list(csv.DictReader((folder / "members" / f"{member:03d}" / "metrics.csv").open()))
        assert [int(row["epoch"]) for row in rows] == [1, 2, 3, 4, 5]
        assert float(rows[3]["learning_rate"]) == pytest.approx(one["values"]["learning_rate"])
        assert load_run_params(folder, member).dropout_rate == one["values"]["dropout_rate"]


def load_run_params(folder, member):
    from indl_vae.params import Params

    return Params.from_yaml(folder / "members" / f"{member:03d}" / "params.yaml")


def test_the_best_member_is_a_run_with_the_rows_of_its_past(trained):
    population, _, folder, _ = trained
    best = population.state["best"]
    run = load_run(folder / "best")
    assert [row["epoch"] for row in run.history] == [1, 2, 3, 4, 5][: population.epochs_after(best["generation"])]
    assert run.history[-1]["val_selection"] == pytest.approx(best["score"], rel=1e-6)
    assert np.isfinite(run.posterior(run.load_dataset().valid, samples=2)["rates"]).all()
    past = lineage(population, best["member"], best["generation"])
    assert past[-1] == best["member"] and len(past) == best["generation"]


def test_a_member_that_diverges_scores_infinity_and_the_others_go_on(trained, tmp_path):
    population, trainer, folder, plan = trained
    shutil.copytree(folder, tmp_path / "bad")
    other = trainer_for(plan, tmp_path / "bad")
    order = {**order_of(population.state, 0), "copied": None}
    load = other._load

    def load_and_break(member, epoch):
        memory = load(member, epoch)
        broken = other.model.trainable_variables[0]
        broken.assign(np.full(broken.shape, np.nan))
        return memory

    other._load = load_and_break
    assert other.train(order)["score"] == math.inf
    other._load = load
    assert math.isfinite(other.train({**order_of(population.state, 1), "copied": 2})["score"])


def test_a_state_that_is_gone_is_a_clear_error(trained, tmp_path):
    population, _, folder, plan = trained
    with pytest.raises(RunError, match="holds no whole state after epoch 5.*begin the population anew"):
        trainer_for(plan, tmp_path).train({**order_of(population.state, 0), "copied": None})
