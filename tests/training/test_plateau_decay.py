"""The learning-rate rules against a plain reading of them."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indl_vae.params import OptimizerGroup
from indl_vae.training.plateau_decay import PlateauDecay


def run(rule, losses, name, ramps_over=1.0, **settings):
    """Returns the learning rate after each epoch, and the callback."""
    group = OptimizerGroup(**{"learning_rate": 0.1, "lr_decay": 0.5, "lr_patience": 3, "lr_stop": 0.02, **settings})
    callback = PlateauDecay(rule, group)
    callback.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.1), stop_training=False))
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {name: loss, "ramps_over": ramps_over, "step": 10 * (epoch + 1)})
        rates.append(callback.model.optimizer.learning_rate)
    return rates, callback


def test_falls_when_the_loss_is_above_all_of_the_last():
    rates, _ = run("valid_plateau", [5, 4, 3, 6], "val_loss")
    assert rates == [0.1, 0.1, 0.1, 0.05]


def test_stays_when_one_of_the_last_was_higher():
    rates, _ = run("valid_plateau", [5, 4, 7, 6], "val_loss")
    assert rates[-1] == 0.1


def test_rests_after_a_decay():
    rates, _ = run("valid_plateau", [1, 1, 1, 2, 3, 4, 5, 6], "val_loss")
    assert rates == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025]


def test_valid_rule_waits_for_the_ramps_and_has_a_floor():
    assert run("valid_plateau", [1, 2, 3, 4, 5], "val_loss", ramps_over=0.0)[0][-1] == 0.1
    rates, callback = run("valid_plateau", list(range(40)), "val_loss")
    assert rates[-1] == pytest.approx(0.02)
    assert not callback.model.stop_training


def test_train_rule_ends_the_training_below_the_stop():
    rates, callback = run("train_plateau", list(range(40)), "loss", ramps_over=0.0)
    assert rates[-1] < 0.02
    assert callback.model.stop_training


def test_none_is_constant():
    assert set(run("none", list(range(9)), "val_loss")[0]) == {0.1}


def test_memory_round_trip_goes_on_where_it_was():
    whole, _ = run("valid_plateau", [1, 1, 1, 2, 3, 4, 5, 6], "val_loss")
    _, first = run("valid_plateau", [1, 1, 1, 2, 3], "val_loss")
    second = PlateauDecay("valid_plateau", first.settings)
    second.recall(first.memory())
    second.set_model(first.model)
    for epoch, loss in enumerate([4, 5, 6], start=5):
        second.on_epoch_end(epoch, {"val_loss": loss, "ramps_over": 1.0})
    assert second.model.optimizer.learning_rate == whole[-1]


def tf1_rates(losses, patience, decay=0.5, stop=0.02):
    """The rule of LFADS on TF1 as it is told: a list of costs, with infinity in place of the one that led to a decay."""
    rate, costs, rates = 0.1, [], []
    for loss in losses:
        if len(costs) > patience and loss > max(costs[-patience:]):
            rate *= decay
            costs.append(float("inf"))
        else:
            costs.append(loss)
        rates.append(rate)
        if rate < stop:
            break
    return rates


@given(losses=st.lists(st.integers(0, 5), max_size=80), patience=st.integers(1, 7))
def test_train_rule_is_that_of_tf1(losses, patience):
    expected = tf1_rates(losses, patience)
    rates, callback = run("train_plateau", losses[: len(expected)], "loss", ramps_over=0.0, lr_patience=patience)
    assert rates == expected
    assert callback.model.stop_training == bool(expected and expected[-1] < 0.02)


def test_forgetting_starts_the_rule_anew():
    _, callback = run("train_plateau", [1] * 8, "loss")
    callback.forget()
    for epoch, loss in enumerate([1, 1, 1, 5, 1, 1, 1]):
        callback.on_epoch_end(epoch, {"loss": loss, "ramps_over": 1.0})
    assert callback.model.optimizer.learning_rate == 0.1


@pytest.mark.parametrize(("rule", "name"), [("valid_plateau", "val_loss"), ("train_plateau", "loss")])
def test_epochs_of_the_warm_up_do_not_count(rule, name):
    losses = list(range(1, 12))
    plain, _ = run(rule, losses, name)
    warm, _ = run(rule, [0, 0, *losses], name, lr_warmup_steps=20)
    assert plain[-1] < 0.1 and warm == [0.1, 0.1, *plain]
