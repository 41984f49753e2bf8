"""Who trains what, when workers report, end, and do not even start; Ray's own part is played by the test."""

from types import SimpleNamespace

import pytest

from tests.tuning.pbt.test_population import population_in

scheduling = pytest.importorskip(
    "indl_vae.tuning.pbt.generation_scheduler", reason="the extra `ray` is not installed", exc_type=ImportError
)


@pytest.fixture
def setting(tmp_path):
    """A population of four, its scheduler, and what that told: generations that ended, members that are lost."""
    population, ended, lost = population_in(tmp_path, generations=2), [], []
    scheduler = scheduling.GenerationScheduler(population, ended.append, lost.append)
    return population, scheduler, ended, lost


def report(scheduler, worker, member=-1, generation=0, score=0.0):
    result = {"worker": worker, "member": member, "generation": generation, "score": score}
    return scheduler.on_trial_result(None, None, result)


def fail(scheduler, worker):
    scheduler.on_trial_error(None, SimpleNamespace(config={"worker": worker}, error_file=None))


def test_workers_take_members_in_turn_until_the_population_ends(setting):
    population, scheduler, ended, _ = setting
    for worker in (0, 1):
        assert report(scheduler, worker) == "CONTINUE"
    assert population.state["assigned"] == {"0": 0, "1": 1}
    for generation in (1, 2):
        for member in range(4):
            worker = member % 2
            assert population.state["assigned"][str(worker)] == member
            told = report(scheduler, worker, member, generation, float(member))
    assert told == "STOP" and [one["generation"] for one in ended] == [1, 2]
    assert scheduling.EndOfPopulation(population).stop_all()


def test_a_worker_that_waits_gets_the_member_of_one_that_ended(setting):
    population, scheduler, _, lost = setting
    for worker in range(5):
        report(scheduler, worker)
    assert "4" not in population.state["assigned"]
    fail(scheduler, 2)
    assert population.state["assigned"]["4"] == 2 and not lost


def test_a_member_whose_workers_end_again_and_again_is_lost_and_the_others_go_on(setting):
    population, scheduler, ended, lost = setting
    for attempt in range(scheduling.FAILURES):
        report(scheduler, attempt)
        assert population.state["assigned"] == {str(attempt): 0}
        fail(scheduler, attempt)
    assert lost == [0]
    report(scheduler, 9)
    for member in (1, 2, 3):
        report(scheduler, 9, member, 1, float(member))
    assert len(ended) == 1 and ended[0]["members"][0] == {**ended[0]["members"][0], "score": None}
    assert population.generation == 2 and 0 not in population.waiting()


def test_workers_that_never_start_are_not_tried_for_ever(setting):
    population, scheduler, _, lost = setting
    tries = 0
    while not scheduling.EndOfPopulation(population).stop_all():
        fail(scheduler, tries % 4)
        tries += 1
    assert tries == scheduling.FAILURES * 4 and not lost
    assert not population.finished
