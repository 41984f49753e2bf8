"""When a run has too many steps skipped, or a loss that is not finite."""

from types import SimpleNamespace

import pytest

from indl_vae.models.skipped_steps import StepCounts
from indl_vae.training.divergence_guard import DivergenceGuard, Setback, Trouble


class Steps:
    """Stands for the counts of a model."""

    def __init__(self) -> None:
        self.counts = StepCounts(steps=20)

    def read(self) -> StepCounts:
        return self.counts

    def go_on_after(self, in_a_row: int) -> None:
        self.counts = StepCounts(in_a_row=in_a_row)


@pytest.fixture
def guard():
    callback = DivergenceGuard(max_skipped_steps=4)
    optimizer = SimpleNamespace(learning_rate=0.01)
    callback.set_model(SimpleNamespace(optimizer=optimizer, skipped_steps=Steps()))
    callback.on_train_begin()
    return callback


def set_counts(guard, **counts):
    guard.model.skipped_steps.counts = StepCounts(**counts)


@pytest.mark.parametrize("name", ["loss", "val_loss"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite(guard, name, value):
    with pytest.raises(Setback, match=f"^{name} not finite$") as caught:
        guard.on_epoch_end(4, {"loss": 1.0, "val_loss": 1.0, name: value})
    assert caught.value.trouble == Trouble(4, f"{name} not finite")


def test_the_step_that_was_skipped_last_is_looked_at_first(guard):
    set_counts(guard, steps=20, skipped=2, last=17)
    with pytest.raises(Setback) as caught:
        guard.on_epoch_end(4, {"val_loss": float("nan")})
    assert caught.value.trouble == Trouble(4, "val_loss not finite", batch=17, steps_ago=3)


def test_finite_scores_pass_and_the_log_says_how_often_the_run_went_back(guard):
    logs = {"loss": 1.0, "val_loss": 2.0}
    guard.on_epoch_end(0, logs)
    assert logs == {"loss": 1.0, "val_loss": 2.0, "rollbacks": 0}


def test_skipped_steps_in_a_row_are_asked_for_now_and_then(guard):
    guard.on_epoch_begin(2)
    set_counts(guard, steps=9, skipped=5, in_a_row=5, last=8)
    guard.on_train_batch_end(8)
    with pytest.raises(Setback, match=r"loss or gradient not finite \(5 training steps in a row\)") as caught:
        guard.on_train_batch_end(11)
    assert caught.value.trouble[2:] == (4, 5)
    set_counts(guard, steps=9, skipped=3, in_a_row=3, last=8)
    guard.on_train_batch_end(11)


def test_a_row_that_began_in_an_earlier_epoch_counts(guard):
    set_counts(guard, steps=2, skipped=2, in_a_row=4, last=1)
    with pytest.raises(Setback) as caught:
        guard.on_epoch_end(3, {"loss": 0.0})
    assert caught.value.trouble[2:] == (0, 2)


def test_an_epoch_of_skipped_steps_alone_has_no_scores_of_its_training(guard, caplog):
    set_counts(guard, steps=2, skipped=2, in_a_row=2, last=1)
    logs = {"loss": 0.0, "nll": 0.0, "val_loss": 3.0, "val_nll": 2.0, "skipped_steps": 2.0, "learning_rate": 0.1}
    guard.explain = lambda trouble: f"It was batch {trouble.batch}."
    for epoch in (0, 1):
        guard.on_epoch_end(epoch, logs)
        logs |= {"loss": 0.0, "nll": 0.0}
    guard.on_epoch_end(0, logs)
    assert repr(logs["loss"]) == repr(logs["nll"]) == "nan"
    assert (logs["val_loss"], logs["skipped_steps"], logs["learning_rate"]) == (3.0, 2.0, 0.1)
    assert guard.in_a_row == 2
    assert "epoch 2: 2 of 2 training steps skipped" in caplog.text
    assert caplog.text.count("It was batch 1.") == 1, "why is worked out once"


def test_its_memory_goes_on(guard):
    guard.halve()
    guard.halve()
    guard.in_a_row = 3
    other = DivergenceGuard(4)
    other.set_model(guard.model)
    other.recall(guard.memory())
    other.on_train_begin()
    assert (other.rollbacks, other.rate_factor) == (2, 0.25)
    assert guard.model.optimizer.learning_rate == 0.0025
    assert guard.model.skipped_steps.read().in_a_row == 3
    other.forget()
    assert other.memory() == {"rollbacks": 0, "rate_factor": 1.0, "in_a_row": 0}
