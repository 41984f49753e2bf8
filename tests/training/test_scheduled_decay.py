"""Learning rates as functions of the step, from the first to the last."""

from __future__ import annotations

import pytest

from indl_vae.errors import ConfigError
from indl_vae.params import OptimizerGroup
from indl_vae.training.scheduled_decay import ScheduledDecay
from tests.training.test_callbacks import made


def test_rates_at_the_ends_and_in_the_middle():
    decay = ScheduledDecay(OptimizerGroup(learning_rate=1e-3, lr_stop=1e-5, lr_decay_steps=100, lr_rule="cosine"))
    assert [decay.rate(step) for step in (0, 50, 100, 1000)] == pytest.approx([1e-3, (1e-3 + 1e-5) / 2, 1e-5, 1e-5])
    assert decay.rate(25) == pytest.approx(1e-5 + (1e-3 - 1e-5) * (1 + 2**-0.5) / 2)


def test_an_exponential_falls_by_the_same_factor_in_the_same_time():
    group = OptimizerGroup(learning_rate=1e-2, lr_stop=1e-6, lr_decay_steps=100, lr_rule="exponential")
    rates = [ScheduledDecay(group).rate(step) for step in (0, 25, 50, 100, 200)]
    assert rates == pytest.approx([1e-2, 1e-3, 1e-4, 1e-6, 1e-6])


def test_stairs_fall_to_a_tenth_three_times_and_not_below_the_last_rate():
    group = OptimizerGroup(learning_rate=1e-2, lr_stop=1e-4, lr_decay_steps=100, lr_rule="stairs")
    rates = [ScheduledDecay(group).rate(step) for step in (0, 9, 10, 79, 80, 95)]
    assert rates == pytest.approx([1e-2, 1e-2, 1e-3, 1e-3, 1e-4, 1e-4])


def test_an_exponential_cannot_fall_to_nothing():
    with pytest.raises(ConfigError, match="lr_stop: expected more than 0 with lr_rule = 'exponential'"):
        OptimizerGroup(lr_rule="exponential", lr_stop=0.0)


def test_it_is_there_when_asked_for(tmp_path):
    callbacks = made(tmp_path, lr_rule="cosine")
    assert callbacks.schedule in callbacks.as_list()
    assert made(tmp_path).schedule is None


@pytest.mark.slow
def test_training_follows_it(tmp_path):
    from indl_vae import train
    from tests.training.tiny import tiny_dataset, tiny_params

    run = train(
        tiny_params(lr_rule="cosine", lr_decay_steps=4, lr_stop=0.0, n_epochs=3), tiny_dataset(), tmp_path / "r"
    )
    rates = [float(row["learning_rate"]) for row in run.history]
    assert rates == pytest.approx([4e-3 * (1 + 2**-0.5) / 2, 4e-3 * (1 - 2**-0.5) / 2, 0.0], rel=1e-4, abs=1e-9)
