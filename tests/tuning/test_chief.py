"""The chief: workers that die, come back, report twice, and its own restart. No process here; the clock is told."""

from __future__ import annotations

import pytest

from indl_vae.errors import RunError
from indl_vae.params import SearchRange
from indl_vae.tuning.chief import RETRIES, Chief
from indl_vae.tuning.chief_client import ChiefClient
from indl_vae.tuning.chief_server import serving, split_address
from indl_vae.tuning.dimension import Dimension
from indl_vae.tuning.local_workers import LocalWorkers
from indl_vae.tuning.oracles import make_oracle
from indl_vae.tuning.watch import watch

SCORE = {"val_selection": 0.5}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Space:
    def declare_hyperparameters(self, hp):
        Dimension("gen_units", (4, 5, 6, 7)).register(hp)


def oracle_in(folder, trials=2):
    from indl_vae.tuning.run_tuner import prepare

    oracle = make_oracle("random", trials, 3, 0)
    oracle._set_project_dir(str(folder), "oracle")
    prepare(oracle, Space())
    return oracle


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ended():
    return []


@pytest.fixture
def chief(tmp_path, clock, ended):
    return Chief(oracle_in(tmp_path), 10.0, ended.append, clock)


def finish(chief, worker, trial, status="COMPLETED"):
    chief.update_trial(worker, trial.trial_id, SCORE)
    trial.status = status
    return chief.end_trial(worker, trial)


def test_workers_get_different_trials(chief, ended):
    first, second = chief.create_trial("a"), chief.create_trial("b")
    assert (first.trial_id, second.trial_id) == ("0", "1")
    assert finish(chief, "b", second) and ended == ["1"] and not chief.is_over()
    assert chief.create_trial("b").status == "IDLE", "the other trial may come back"
    assert finish(chief, "a", first) and chief.is_over()
    assert [chief.create_trial(worker).status for worker in "ab"] == ["STOPPED"] * 2 and chief.n_workers() == 0


def test_the_trial_of_a_dead_worker_goes_to_another(chief, clock):
    trial = chief.create_trial("a")
    chief.create_trial("b")
    clock.now = 9.0
    assert chief.beat("b", "1")
    chief.look()
    assert chief.lost_workers == []
    clock.now = 11.0
    chief.look()
    assert chief.lost_workers == ["a"] and chief.n_workers() == 1
    again = chief.create_trial("c")
    assert again.trial_id == trial.trial_id and again.hyperparameters.values == trial.hyperparameters.values


def test_a_late_report_is_ignored(chief, clock, ended):
    trial = chief.create_trial("a")
    clock.now = 11.0
    chief.look()
    other = chief.create_trial("b")
    assert other.trial_id == trial.trial_id and not chief.beat("a", trial.trial_id), "it is to drop it"
    assert not finish(chief, "a", trial) and ended == []
    assert finish(chief, "b", other) and ended == ["0"]
    assert not finish(chief, "b", other) and ended == ["0"], "a report comes twice"
    assert chief.oracle.end_order == ["0"]


def test_a_worker_that_was_only_slow_keeps_its_trial(chief, clock):
    trial = chief.create_trial("a")
    clock.now = 11.0
    chief.look()
    assert chief.beat("a", trial.trial_id) and finish(chief, "a", trial)


def test_a_trial_that_loses_all_workers_fails(chief, clock, ended):
    for time in range(RETRIES + 1):
        assert chief.create_trial(f"w{time}").trial_id == "0" and ended == []
        clock.now += 11.0
        chief.look()
    assert ended == ["0"] and chief.oracle.trials["0"].status == "FAILED"
    assert chief.oracle.trials["0"].message == f"{RETRIES + 1} workers were lost with it"
    assert chief.create_trial("x").trial_id == "1"


def test_a_chief_that_starts_again_knows_its_trials(tmp_path, clock, chief):
    first, second = chief.create_trial("a"), chief.create_trial("b")
    finish(chief, "b", second)
    restarted = Chief(oracle_in(tmp_path), 10.0, clock=clock)
    assert restarted.oracle.trials["1"].score == 0.5
    assert restarted.beat("a", first.trial_id), "the worker goes on with what it is at"
    assert restarted.create_trial("c").status == "IDLE"
    assert finish(restarted, "a", first) and restarted.is_over()


def test_a_chief_that_was_killed_between_a_report_and_the_next_trial(tmp_path, chief):
    finish(chief, "a", chief.create_trial("a"))
    assert oracle_in(tmp_path)._retry_queue == []


def test_a_state_is_whole_whenever_the_chief_is_killed(tmp_path, chief, monkeypatch):
    chief.create_trial("a")
    monkeypatch.setattr("os.replace", lambda *paths: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        chief.create_trial("b")
    monkeypatch.undo()
    assert set(oracle_in(tmp_path).trials) == {"0"}


def test_without_workers_it_does_not_wait_for_ever(tmp_path, chief, clock):
    local = LocalWorkers((), "", tmp_path, 0, 1.0)
    chief.create_trial("a")
    clock.now = 121.0
    said = []
    with pytest.raises(
        RunError, match=r"no worker of the search is alive \(none was heard of\); what has ended is kept"
    ):
        watch(chief, local, said.append)
    assert said == ["a: not heard of for 10 s; its trial goes to another worker"]


def test_workers_have_time_to_come(chief, clock):
    clock.now = 59.0
    assert not chief.is_alone(60.0)
    clock.now = 61.0
    assert chief.is_alone(60.0)
    chief.beat("a", None)
    assert not chief.is_alone(60.0)
    clock.now = 70.0
    chief.look()
    assert not chief.is_alone(60.0)
    clock.now = 72.0
    chief.look()
    assert chief.is_alone(60.0) and chief.lost_workers == ["a"]


def test_an_error_of_the_oracle_ends_the_search(tmp_path, chief, monkeypatch):
    monkeypatch.setattr(chief.oracle, "populate_space", lambda number: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        chief.create_trial("a")
    with pytest.raises(ZeroDivisionError):
        watch(chief, LocalWorkers((), "", tmp_path, 0, 1.0), str)


def test_over_the_network(tmp_path, ended):
    chief = Chief(oracle_in(tmp_path), 30.0, ended.append)
    with serving(chief, "127.0.0.1:0") as address, ChiefClient(address, "a", 30.0) as client:
        assert int(address.rpartition(":")[2]) > 0
        trial = client.create_trial("ignored")
        assert trial.trial_id == "0" and trial.hyperparameters.values["gen_units"] in (4, 5, 6, 7)
        assert client._beat({"worker": "a", "trial": "0"}) == {"goes_on": True}
        assert client._beat({"worker": "b", "trial": "0"}) == {"goes_on": False}
        assert client.mine("0")
        client._dropped.add("0")
        assert not client.mine("0")
        trial.status = "COMPLETED"
        client.update_trial("0", SCORE)
        client.end_trial(trial)
        client.end_trial(trial)
        assert ended == ["0"] and chief.oracle.trials["0"].score == 0.5
        trial = client.create_trial("a")
        trial.status = "FAILED"
        client.end_trial(trial)
        assert client.create_trial("a").status == "STOPPED" and chief.is_over()


def test_a_port_that_is_taken(tmp_path, chief):
    with (
        serving(chief, "127.0.0.1:0") as address,
        pytest.raises(RunError, match=f"--address {address}: cannot be listened at"),
        serving(chief, address),
    ):
        pass


def test_a_chief_that_does_not_answer(tmp_path):
    client = ChiefClient("127.0.0.1:9", "a", 0.2)
    with pytest.raises(
        RunError, match=r"127\.0\.0\.1:9: the chief of the search has not answered for 0\.2 s; the trial in"
    ):
        client.create_trial("a")
    client._answered -= 1.0
    with pytest.raises(RunError, match="has not answered"):
        client.mine("0")


@pytest.mark.parametrize("address", ["localhost", ":1", "host:", "host:x", "host:99999"])
def test_addresses_that_are_none(address):
    from indl_vae.errors import ConfigError

    with pytest.raises(ConfigError, match="expected HOST:PORT, for example"):
        split_address(address)


def test_a_score_that_is_far_off_does_not_hide_the_others(tmp_path):
    oracle = make_oracle("bayesian", 6, 3, 0)
    oracle._set_project_dir(str(tmp_path), "oracle")
    hp = oracle.get_space()
    Dimension("learning_rate", (), SearchRange(0.0, 1.0)).register(hp)
    oracle.update_space(hp)
    for score in (0.5, 0.4, 1000.0):
        trial = oracle.create_trial("a")
        oracle.update_trial(trial.trial_id, {"val_selection": score})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    assert oracle._vectorize_trials()[1].tolist() == pytest.approx([0.5, 0.4, 0.7])
    assert oracle.create_trial("a").status == "RUNNING"
