"""The state of a population: reports, exchanges, its end, and that it goes on from its file as if nothing happened."""

import csv
import json
import math

import pytest

from indl_vae.errors import ConfigError, RunError, TrainingDivergedError
from indl_vae.tuning.pbt.population import FILE, Population, order_of
from indl_vae.tuning.pbt.population_settings import PopulationSettings
from indl_vae.tuning.pbt.population_tables import write_tables

SPACE = {"learning_rate": {"low": 1e-4, "high": 1e-2, "scale": "log"}, "dropout_rate": {"low": 0.0, "high": 0.6}}


def population_in(folder, burn_in=3, **changes):
    written = {"size": 4, "generations": 5, "epochs_per_generation": 2, "patience": 0, "space": SPACE}
    return Population(folder, PopulationSettings.read({**written, **changes}), burn_in)


def run_generation(population, score=lambda member, generation: member + 1.0 / generation):
    for member in population.waiting():
        assert population.report(member, population.generation, score(member, population.generation))
    done = population.advance()
    population.write()
    return done


def test_members_begin_with_values_of_their_own_and_train_through_the_burn_in(tmp_path):
    population = population_in(tmp_path)
    orders = [order_of(population.state, member) for member in range(4)]
    assert [(one["first_epoch"], one["last_epoch"], one["copied"]) for one in orders] == [(0, 5, None)] * 4
    assert len({one["values"]["learning_rate"] for one in orders}) == 4


def test_a_member_that_copies_takes_varied_values_of_the_other(tmp_path):
    population = population_in(tmp_path)
    before = [order_of(population.state, member)["values"] for member in range(4)]
    run_generation(population)
    orders = [order_of(population.state, member) for member in range(4)]
    assert [(one["first_epoch"], one["last_epoch"]) for one in orders] == [(5, 7)] * 4
    assert orders[0]["copied"] is None and orders[0]["values"] == before[0]
    copied = [one for one in orders if one["copied"] is not None]
    assert copied
    for one in copied:
        ratio = one["values"]["learning_rate"] / before[one["copied"]]["learning_rate"]
        assert 1 / 1.3 <= ratio <= 1.3 and ratio != 1.0


@pytest.mark.parametrize("after", range(4))
def test_a_population_that_is_opened_anew_goes_on_with_the_same_choices(tmp_path, after):
    straight = population_in(tmp_path / "straight")
    broken = population_in(tmp_path / "broken")
    for generation in range(4):
        run_generation(straight)
        if generation == after:
            for member in (2, 0):
                broken.report(member, broken.generation, member + 1.0 / broken.generation)
            broken.write()
            broken = population_in(tmp_path / "broken")
            assert broken.waiting() == [1, 3]
        run_generation(broken)
    strip = lambda history: [{**one, "seconds": 0} for one in history]  # noqa: E731
    assert strip(broken.history) == strip(straight.history)
    assert broken.state["members"] == straight.state["members"]


def test_a_second_report_and_one_of_another_generation_are_passed_over(tmp_path):
    population = population_in(tmp_path)
    assert population.report(0, 1, 1.0)
    assert not population.report(0, 1, 0.5)
    assert not population.report(1, 2, 0.5)
    assert population.state["members"][0]["score"] == 1.0
    assert population.waiting() == [1, 2, 3]


def test_a_generation_does_not_end_before_all_have_reported(tmp_path):
    population = population_in(tmp_path)
    population.report(0, 1, 1.0)
    with pytest.raises(RunError, match=r"generation 1: members \[1, 2, 3\] have yet to report"):
        population.advance()


@pytest.mark.parametrize("bad", [math.nan, math.inf, None])
def test_a_member_that_diverged_is_replaced(tmp_path, bad):
    population = population_in(tmp_path)
    run_generation(population, lambda member, generation: bad if member == 1 else float(member))
    assert order_of(population.state, 1)["copied"] in (0, 2, 3)
    json.loads((tmp_path / FILE).read_text(), parse_constant=pytest.fail)


def test_all_diverged_is_an_error_that_says_what_to_do(tmp_path):
    population = population_in(tmp_path)
    with pytest.raises(TrainingDivergedError, match="Every member of generation 1.*learning_rate first"):
        run_generation(population, lambda member, generation: math.nan)


def test_a_lost_member_is_neither_trained_nor_copied(tmp_path):
    population = population_in(tmp_path)
    population.report(3, 1, None, lost=True, said="killed")
    run_generation(population, lambda member, generation: 3.0 - member)
    for _ in range(3):
        assert population.waiting() == [0, 1, 2]
        assert 3 not in [order_of(population.state, member)["copied"] for member in range(3)]
        run_generation(population)


def test_workers_get_members_in_turn_and_give_them_back(tmp_path):
    population = population_in(tmp_path)
    assert [population.assign(worker) for worker in (7, 8)] == [0, 1]
    assert population.release(7) == 0
    assert population.assign(9) == 0, "what a dead worker gave back goes first"
    population.report(0, 1, 1.0)
    population.release(9)
    assert population.assign(7) == 2
    population.write()
    assert population_in(tmp_path).state["assigned"] == {}, "workers of an earlier process are gone"


def test_it_ends_with_the_last_generation_and_goes_on_where_more_are_asked_for(tmp_path):
    population = population_in(tmp_path, generations=2)
    run_generation(population)
    run_generation(population)
    assert population.finished == "all 2 generations are done" and not population.waiting()
    more = population_in(tmp_path, generations=3)
    assert not more.finished and more.generation == 3 and len(more.waiting()) == 4
    run_generation(more)
    straight = population_in(tmp_path / "straight", generations=3)
    for _ in range(3):
        run_generation(straight)
    assert [one["members"] for one in more.history] == [one["members"] for one in straight.history]


def test_it_ends_when_the_best_score_no_longer_falls(tmp_path):
    population = population_in(tmp_path, generations=9, patience=3, min_improvement=0.01)
    best = iter([1.0, 0.9, 0.8, 0.799, 0.799])
    while not population.finished:
        now = next(best)
        run_generation(population, lambda member, generation, now=now: now + member)
    assert population.generation == 5 and "fell by 0.0013" in population.finished


def test_the_logs_hold_generations_copies_and_values(tmp_path):
    population = population_in(tmp_path, generations=3)
    for _ in range(3):
        run_generation(population)
    write_tables(population, tmp_path)
    read = lambda name: list(csv.DictReader((tmp_path / name).open()))  # noqa: E731
    assert [row["epoch"] for row in read("pbt_state.csv")] == ["5", "7", "9"]
    assert [float(row["best_score"]) for row in read("pbt_state.csv")] == pytest.approx([1.0, 0.5, 1 / 3])
    values = read("gen_config.csv")
    assert len(values) == 12
    by_place = {(row["generation"], row["trial"]): row for row in values}
    copies = read("exploits.csv")
    assert {row["generation"] for row in copies} <= {"1", "2"} and copies
    for row in copies:
        assert float(row["new_score"]) < float(row["old_score"])
        donor = by_place[row["generation"], row["new_trial"]]
        after = by_place[str(int(row["generation"]) + 1), row["old_trial"]]
        assert 0.7 < float(after["learning_rate"]) / float(donor["learning_rate"]) < 1.4


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"size": 1}, "size: expected at least 2 members"),
        ({"sise": 4}, r"population.sise: extra inputs.*Keys are size, generations"),
        ({"exploit": "random"}, "population.exploit: input should be 'binary_tournament', 'pairs'"),
        ({"space": {"learning_rate": {"low": 1.0, "high": 0.1}}}, "space.learning_rate: expected 0 <= low < high"),
        ({"space": {"a": {"low": 0, "high": 1, "scale": "log"}}}, "expected low > 0 on a log scale"),
        ({"space": {"a": {"low": 0, "high": 1, "initial": 2}}}, "expected initial between 0.0 and 1.0, got 2.0"),
        ({"space": {"a": {"low": 0, "high": 1, "explore": 1.5}}}, "expected explore between 0 and 1"),
        ([4], "expected a mapping of settings"),
    ],
)
def test_settings_that_are_not_accepted_are_explained(written, message):
    with pytest.raises(ConfigError, match=message):
        PopulationSettings.read(written)
