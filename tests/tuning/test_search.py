"""Searches with a stand-in for the training: what is drawn, kept, resumed, failed and written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from indl_vae.errors import ConfigError, DataError, RunError
from indl_vae.params import Params
from tests.tuning.search_stub import COMMAND, SETTINGS, SPACE, starts, stub_tune, table, write_npy


def test_trials_are_runs_of_their_own(tmp_path):
    rows, said = stub_tune(tmp_path, seed=3)
    assert [row["trial"] for row in rows] == ["0", "1", "2", "3"] and {row["status"] for row in rows} == {"finished"}
    assert said[0] == "0 of 4 trials have ended." and len(said) == 5 and said[-1].endswith("; all done")
    best = min(rows, key=lambda row: row["score"])
    assert f"(best {best['score']:.5g}, trial {best['trial']})" in said[-1]
    params = Params.from_yaml(tmp_path / "search/best.yaml")
    assert params.learning_rate == best["learning_rate"] and params.n_epochs == 3
    assert abs(json.loads(str(best["score"])) - min(row["score"] for row in rows)) == 0
    log = (tmp_path / "search/trials/2/run.log").read_text()
    assert log.startswith("$ ") and f"--out {tmp_path / 'search/trials/2/run'}" in log
    assert (tmp_path / "search/tuning.png").read_bytes().startswith(b"\x89PNG")
    assert {name: float(rows[1][name]) for name in ("score", "learning_rate")} == {
        name: float(table(tmp_path / "search/tuning.csv")[1][name]) for name in ("score", "learning_rate")
    }


def test_the_seed_decides_what_is_drawn(tmp_path):
    (tmp_path / "other").mkdir()
    drawn = [
        [row["learning_rate"] for row in stub_tune(folder, seed=0)[0]] for folder in (tmp_path, tmp_path / "other")
    ]
    assert drawn[0] == drawn[1] and len(set(drawn[0])) == 4
    (tmp_path / "third").mkdir()
    assert [row["learning_rate"] for row in stub_tune(tmp_path / "third", seed=1)[0]] != drawn[0]


def test_scores_before_the_end_of_the_ramps_do_not_count(tmp_path):
    rows, _ = stub_tune(tmp_path, settings={"kl_ramp_length": 1}, trials=1)
    assert rows[0]["best_epoch"] == 3 and rows[0]["score"] > 0, "epoch 1 reports -100"
    with pytest.raises(
        RunError, match="all 1 trials failed; the last one: no score: the ramps of the loss did not end"
    ):
        space = {"kl_ramp_length": [5], "learning_rate": [1e-3]}
        settings = {name: value for name, value in SETTINGS.items() if name != "kl_ramp_length"}
        (tmp_path / "b").mkdir()
        tune_in(tmp_path / "b", space, settings, config_of(tmp_path, kl_ramp_length=0))


def config_of(folder, **values):
    path = folder / "start.yaml"
    path.write_text("".join(f"{name}: {value}\n" for name, value in {"family": "dendplrnn", **values}.items()))
    return path


def tune_in(folder, space, settings, config=None, **options):
    from indl_vae.tuning import tune

    options = {"trials": 1, "tuner": "random", "report": str, "command": COMMAND, **options}
    return tune("dendplrnn", write_npy(folder), folder / "search", space, settings=settings, config=config, **options)


def test_the_setting_that_copies_spikes_is_not_chosen(tmp_path):
    """In a search by processes; with models, in test_hyper_model.py."""
    rows, _ = stub_tune(tmp_path, {"coordinated_dropout_rate": [0.0, 0.3]}, trials=2)
    by_rate = {row["coordinated_dropout_rate"]: row for row in rows}
    assert by_rate[0.0]["val_nll"] < by_rate[0.3]["val_nll"], "it tells what it saw best"
    assert Params.from_yaml(tmp_path / "search/best.yaml").coordinated_dropout_rate == 0.3


def test_a_trial_that_fails_is_named_and_the_search_goes_on(tmp_path):
    rows, said = stub_tune(tmp_path, {"dim_z": [5, 8, 9]}, trials=9)
    by_size = {row["z_latent_size"]: row for row in rows}
    assert {size: row["status"] for size, row in by_size.items()} == {5: "finished", 8: "failed", 9: "failed"}
    assert (by_size[8]["exit_code"], by_size[8]["said"]) == (3, "Error: diverged")
    assert (by_size[9]["exit_code"], by_size[9]["said"]) == (1, "Error: nine is too many")
    assert any("failed after 0 s: Error: nine is too many" in line for line in said)
    assert "score" not in by_size[8] and Params.from_yaml(tmp_path / "search/best.yaml").z_latent_size == 5


def test_if_all_fail_it_says_so(tmp_path):
    with pytest.raises(
        RunError, match=r"all 2 trials failed; the last one: Error: (diverged|nine is too many) \(.*run\)"
    ):
        stub_tune(tmp_path, {"dim_z": [8, 9]}, trials=5)
    assert len(table(tmp_path / "search/tuning.csv")) == 2 and not (tmp_path / "search/best.yaml").exists()


def test_a_combination_that_the_family_refuses_fails_without_a_process(tmp_path):
    space = {"latent_step": ["auto", "dendritic"], "n_bases": [0, 5]}
    rows, _ = stub_tune(tmp_path, space, trials=8)
    refused = [row for row in rows if row["status"] == "failed"]
    assert [(row["latent_step"], row["n_bases"]) for row in refused] == [("dendritic", 0)] and len(rows) == 4
    assert refused[0]["said"].startswith("n_bases: expected at least 1 with latent_step = 'dendritic'")
    assert not (tmp_path / "search/trials" / refused[0]["trial"] / "run.log").exists()


def test_more_trials_may_be_asked_for(tmp_path):
    before, _ = stub_tune(tmp_path, trials=2)
    rows, said = stub_tune(tmp_path, trials=3)
    assert said[0] == "2 of 3 trials have ended." and len(said) == 2 and rows[:2] == before
    assert stub_tune(tmp_path, trials=3)[1] == ["3 of 3 trials have ended."]
    with pytest.raises(RunError, match=r"holds a search that differs in seed \(was 0, now 5\)\. Choose another folder"):
        stub_tune(tmp_path, seed=5)
    write_npy(tmp_path, seed=7)
    with pytest.raises(RunError, match="differs in data .*another content"):
        stub_tune(tmp_path)


def test_hyperband_goes_on_with_the_best(tmp_path):
    rows, said = stub_tune(tmp_path, tuner="hyperband", trials=None, epochs=9)
    assert said[0] == f"0 of {len(rows)} trials have ended."
    promoted = [row for row in rows if "goes_on_with" in row]
    assert promoted and {row["epochs"] for row in rows} == {1.0, 3.0, 9.0}
    by_number = {row["trial"]: row for row in rows}
    for row in promoted:
        earlier = by_number[row["goes_on_with"]]
        assert earlier["learning_rate"] == row["learning_rate"] and earlier["epochs"] < row["epochs"]
        assert starts(tmp_path, row["trial"])[-1] == earlier["epochs"], "it went on, and did not begin anew"
    assert Params.from_yaml(tmp_path / "search/best.yaml").n_epochs == 9


def test_hyperbands_shortest_trials_are_longer_than_the_ramps(tmp_path):
    rows, _ = stub_tune(tmp_path, tuner="hyperband", trials=None, epochs=9, settings={"kl_ramp_length": 1})
    assert {row["status"] for row in rows} == {"finished"} and min(row["epochs"] for row in rows) == 3.0


def test_bayesian_trials_come_near_the_best(tmp_path):
    rows, _ = stub_tune(tmp_path, tuner="bayesian", trials=9)
    drawn = [abs(row["score"]) for row in rows]
    assert min(drawn[3:]) < min(drawn[:3]) and min(drawn) < 0.45, "the lowest score there is is 1/3"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tuner": "grid"}, "tuner: expected one of random, bayesian, hyperband, got 'grid'"),
        ({"workers": 0}, "workers, trials, epochs: expected at least 1 of each, got 0"),
        ({"settings": {"select_on": "loss"}}, "select_on: expected 'hidden' or 'heldout_channels'"),
        ({"settings": {"learning_rate": 1e-3}}, "space: learning_rate is set for all trials"),
        ({"settings": {"kl_ramp_length": 3}}, "n_epochs: expected at least 4, got 3: scores count once"),
        ({"epochs": 2, "settings": {"kl_ramp_length": 2}}, "n_epochs: expected at least 3, got 2"),
    ],
)
def test_everything_is_checked_before_anything_is_trained(tmp_path, options, message):
    with pytest.raises(ConfigError, match=message):
        stub_tune(tmp_path, **options)
    assert not (tmp_path / "search").exists()


def test_hyperband_has_to_know_how_long_a_trial_is(tmp_path):
    from indl_vae.tuning.search_plan import SearchPlan
    from indl_vae.tuning.searching import Search

    def search(epochs=None, **settings):
        settings = {"select_on": "hidden", "kl_ramp_length": 0, **settings}
        plan = SearchPlan("mrsds", None, {}, settings, SPACE, "hyperband", None, epochs, 0)
        return Search(plan, str(write_npy(tmp_path)), tmp_path / "search")

    with pytest.raises(ConfigError, match=r"n_steps: hyperband counts epochs\. Give the epochs"):
        search(n_steps=100)
    with pytest.raises(ConfigError, match="stages: expected none with hyperband"):
        search(stages=[{"n_epochs": 2}])
    base = search(epochs=5, n_steps=100, region_sizes=[2, 1]).space.base
    assert (base.n_steps, base.n_epochs) == (None, 5)


def test_epochs_win_over_those_of_the_settings(tmp_path):
    rows, _ = stub_tune(tmp_path, trials=1, epochs=5)
    assert rows[0]["epochs"] == 5.0


def test_data_that_are_not_there(tmp_path):
    from indl_vae.tuning import tune

    with pytest.raises(DataError, match=r"none\.npy"):
        tune("dendplrnn", tmp_path / "none.npy", tmp_path / "search", SPACE, settings=SETTINGS, command=COMMAND)


def test_a_folder_of_something_else_is_not_touched(tmp_path):
    (tmp_path / "search").mkdir()
    (tmp_path / "search/notes.txt").write_text("mine")
    with pytest.raises(RunError, match="there is something in this folder that is no search; it was not touched"):
        stub_tune(tmp_path)
    assert [path.name for path in (tmp_path / "search").iterdir()] == ["notes.txt"]


def test_two_searches_in_one_folder(tmp_path):
    from indl_vae.tuning.locks import lock

    stub_tune(tmp_path, trials=1)
    with (tmp_path / "search/.search.lock").open("ab") as file:
        assert lock(file)
        with pytest.raises(RunError, match="another search is at work in this folder"):
            stub_tune(tmp_path, trials=1)
    assert stub_tune(tmp_path, trials=1)[1] == ["1 of 1 trials have ended."], "the lock file itself does not matter"


SEARCH = """
import sys; from pathlib import Path
from tests.tuning.search_stub import stub_tune
print(stub_tune(Path(sys.argv[1]), trials=3)[1], flush=True)
"""


def start_search(folder, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", SEARCH, str(folder)], env={**os.environ, "PYTHONPATH": os.getcwd(), **environment},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=os.getcwd(),
    )  # fmt: skip


def wait_for(condition, process, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.stderr.read()[-2000:]
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_search_goes_on(tmp_path, signal_number):
    write_npy(tmp_path)
    process = start_search(tmp_path, STAND_IN_S="0.3")
    begun = tmp_path / "search/trials/1/run/metrics.csv"
    wait_for(lambda: begun.exists() and len(begun.read_text().splitlines()) > 2, process)
    process.send_signal(signal_number)
    process.communicate()
    assert process.returncode in (143, -signal.SIGKILL)
    rows, said = stub_tune(tmp_path, trials=3)
    assert said[0] == "1 of 3 trials have ended." and {row["status"] for row in rows} == {"finished"}
    assert starts(tmp_path, "0") == [0] and starts(tmp_path, "2") == [0]
    again = starts(tmp_path, "1")
    assert again[0] == 0 and len(again) == 2 and again[1] > 0, "the trial in progress went on"
