"""Which epoch `best.keras` holds."""

from pathlib import Path

import pytest

from indl_vae.training.checkpoints import BEST, Checkpoints
from indl_vae.training.model_keeper import ModelKeeper


class FakeModel:
    """Holds its weights as a number and writes it as text: what is kept can be read off."""

    def __init__(self):
        self.value, self.stop_training = None, False

    def get_weights(self):
        return [self.value]

    def set_weights(self, weights):
        self.value = weights[0]

    def save(self, path):
        Path(path).write_text(str(self.value))


def run(tmp_path, rows, patience=0):
    keeper = ModelKeeper(tmp_path / "best.keras", patience)
    keeper.set_model(FakeModel())
    stopped = None
    for epoch, (score, over) in enumerate(rows):
        keeper.model.value = epoch
        keeper.on_epoch_end(epoch, {"val_selection": score, "ramps_over": over})
        stopped = epoch if keeper.model.stop_training and stopped is None else stopped
    keeper.on_train_end()
    return keeper, int((tmp_path / "best.keras").read_text()), stopped


def test_before_the_ramps_end_the_latest_is_kept(tmp_path):
    assert run(tmp_path, [(1.0, 0.0), (5.0, 0.0), (9.0, 0.0)])[1] == 2


def test_scores_of_the_ramp_do_not_count(tmp_path):
    assert run(tmp_path, [(0.1, 0.0), (5.0, 1.0), (4.0, 1.0), (6.0, 1.0)])[1] == 2


def test_the_model_itself_is_left_as_it_was(tmp_path):
    keeper, best, _ = run(tmp_path, [(1.0, 1.0), (2.0, 1.0), (3.0, 1.0)])
    assert (best, keeper.model.value) == (0, 2)


def test_a_score_that_is_not_finite_is_never_best(tmp_path):
    assert run(tmp_path, [(3.0, 1.0), (float("nan"), 1.0), (float("-inf"), 1.0)])[1] == 0


def test_patience_counts_from_the_end_of_the_ramps(tmp_path):
    rows = [(9.0, 0.0)] * 5 + [(1.0, 1.0)] + [(2.0, 1.0)] * 5
    assert run(tmp_path, rows, patience=3)[2] == 8
    assert run(tmp_path, rows, patience=0)[2] is None


def test_the_file_exists_after_the_first_epoch(tmp_path):
    keeper = ModelKeeper(tmp_path / "best.keras")
    keeper.set_model(FakeModel())
    keeper.on_epoch_end(0, {"val_selection": 1.0, "ramps_over": 0.0})
    assert (tmp_path / "best.keras").exists()


@pytest.mark.parametrize("score", [float("nan")])
def test_flush_writes_the_model_as_it_is_when_nothing_was_kept(tmp_path, score):
    keeper = ModelKeeper(tmp_path / "best.keras")
    keeper.set_model(FakeModel())
    keeper.on_epoch_end(0, {"val_selection": score, "ramps_over": 1.0})
    keeper.flush()
    assert (tmp_path / "best.keras").read_text() == "None"


def test_the_last_best_models_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("indl_vae.training.model_keeper.WRITE_EVERY_S", -1.0)  # every improvement is written
    kept = Checkpoints(tmp_path / "checkpoints", BEST, keep=2, name="lfads_vae_lve")
    keeper = ModelKeeper(tmp_path / "best.keras", kept=kept)
    keeper.set_model(FakeModel())
    for epoch, (score, over) in enumerate([(0.5, 0.0), (9.0, 1.0), (8.0, 1.0), (8.5, 1.0), (7.0, 1.0)]):
        keeper.model.value = epoch
        keeper.on_epoch_end(epoch, {"val_selection": score, "ramps_over": over, "step": 10 * epoch})
    entries = [(entry["name"], entry["step"]) for entry in kept.entries()]
    assert entries == [("lfads_vae_lve-3", 20), ("lfads_vae_lve-5", 40)]
    assert (kept.newest() / "model.keras").read_text() == (tmp_path / "best.keras").read_text() == "4"


def test_settling_writes_what_waits(tmp_path):
    keeper = ModelKeeper(tmp_path / "best.keras")
    keeper.set_model(FakeModel())
    for epoch in range(2):  # the second falls into the pause between two writings
        keeper.model.value = epoch
        keeper.on_epoch_end(epoch, {"val_selection": -epoch, "ramps_over": 1.0})
    assert (tmp_path / "best.keras").read_text() == "0"
    keeper.settle()
    assert (tmp_path / "best.keras").read_text() == "1"
