"""Half a cosine from the first learning rate to the last, as a function of the step."""

from __future__ import annotations

import pytest

from indl_vae.params import OptimizerGroup
from indl_vae.training.scheduled_decay import ScheduledDecay
from tests.training.test_callbacks import made


def test_rates_at_the_ends_and_in_the_middle():
    decay = ScheduledDecay(OptimizerGroup(learning_rate=1e-3, lr_stop=1e-5, lr_decay_steps=100, lr_rule="cosine"))
    assert [decay.rate(step) for step in (0, 50, 100, 1000)] == pytest.approx([1e-3, (1e-3 + 1e-5) / 2, 1e-5, 1e-5])
    assert decay.rate(25) == pytest.approx(1e-5 + (1e-3 - 1e-5) * (1 + 2**-0.5) / 2)


def test_it_is_there_when_asked_for(tmp_path):
    callbacks = made(tmp_path, lr_rule="cosine")
    assert callbacks.cosine in callbacks.as_list()
    assert made(tmp_path).cosine is None


def test_training_follows_it(tmp_path):
    from indl_vae import train
    from tests.training.tiny import tiny_dataset, tiny_params

    run = train(
        tiny_params(lr_rule="cosine", lr_decay_steps=4, lr_stop=0.0, n_epochs=3), tiny_dataset(), tmp_path / "r"
    )
    rates = [float(row["learning_rate"]) for row in run.history]
    assert rates == pytest.approx([4e-3 * (1 + 2**-0.5) / 2, 4e-3 * (1 - 2**-0.5) / 2, 0.0], rel=1e-4, abs=1e-9)
