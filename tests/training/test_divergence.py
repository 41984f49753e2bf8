"""Runs whose numbers are no longer finite, by real causes."""

from __future__ import annotations

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from indl_vae.errors import TrainingDivergedError
from indl_vae.training import train
from indl_vae.training.train_state import read_state
from tests.training.tiny import tiny_dataset, tiny_params

NO_RAMPS = {"kl_ramp_length": 0, "l2_ramp_length": 0}


def with_a_bad_trial(trial: int):
    """Returns data in which a trial has a value whose square overflows."""
    dataset = tiny_dataset()
    x = dataset.train.x.copy()
    x[trial, 2, 3] = 1e30
    return replace(dataset, train=replace(dataset.train, x=x))


class Break(keras.callbacks.Callback):
    """Sets an entry of a weight to infinity, once, when an epoch begins."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.epoch = -1
            weight = self.model.trainable_weights[1]
            broken = weight.numpy()
            broken.flat[0] = np.inf
            weight.assign(broken)


def column(run, name):
    return [row[name] for row in run.history]


def test_a_bad_trial_is_skipped_and_named(tmp_path):
    params = tiny_params(likelihood="gaussian", scale_channels=False, **NO_RAMPS)
    run = train(params, with_a_bad_trial(5), tmp_path / "run")
    assert column(run, "skipped_steps") == [1.0, 1.0, 1.0]
    assert column(run, "step") == [1.0, 2.0, 3.0]
    assert np.isfinite(column(run, "loss")).all()
    log = (run.folder / "run.log").read_text()
    assert "epoch 1: 1 of 2 training steps skipped, loss or gradient not finite. First bad trial: 5 of the" in log
    assert log.count("First bad trial") == 1
    assert not (run.folder / "divergence.json").exists()


def test_a_bad_trial_that_comes_again_ends_the_run(tmp_path):
    params = tiny_params(likelihood="gaussian", scale_channels=False, max_skipped_steps=1, max_rollbacks=2)
    said = (
        r"not finite \(1 training step\) in epoch 1 after 2 returns .* First bad trial: 11 of the training data.*"
        r"largest value is 1e\+30, in bin 2, channel 3; the trials after it .*first bad term: nll.*Look at this trial"
    )
    with pytest.raises(TrainingDivergedError, match=said):
        train(params, with_a_bad_trial(11), tmp_path / "run")
    told = json.loads((tmp_path / "run" / "divergence.json").read_text())
    assert (told["epoch"], told["rollbacks"], told["learning_rate"]) == (1, 2, pytest.approx(params.learning_rate / 4))
    found = told["bad_trial"]
    assert (found["split"], found["trial"], found["term"], found["alone"]) == ("train", 11, "nll", True)
    model = keras.models.load_model(tmp_path / "run" / "best.keras")
    assert all(np.isfinite(weight).all() for weight in model.get_weights()), "of the last good state"


@pytest.mark.parametrize("jit", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_run_goes_back_and_on_at_half_the_learning_rate(tmp_path, jit):
    settings = {"jit_compile": jit, "n_epochs": 4, "csv_log": "fitlog", **NO_RAMPS}
    params = tiny_params(**settings)
    run = train(params, tiny_dataset(), tmp_path / "run", callbacks=[Break(epoch=2)])
    rate = params.learning_rate
    assert column(run, "epoch") == [1.0, 2.0, 3.0, 4.0]
    assert column(run, "step") == [2.0, 4.0, 6.0, 8.0]
    assert column(run, "rollbacks") == [0.0, 0.0, 1.0, 1.0]
    assert column(run, "learning_rate") == pytest.approx([rate, rate, rate / 2, rate / 2])
    assert all(np.isfinite(weight).all() for weight in run.model.get_weights())
    lines = (run.folder / "fitlog.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in lines] == ["1", "2", "3", "4"]
    log = (run.folder / "run.log").read_text()
    assert f"val_loss not finite in epoch 3: back to the state after epoch 2, learning rate {rate / 2:g}" in log

    resumed = train(params.replace(n_epochs=5), tiny_dataset(), run.folder, resume=True)
    assert column(resumed, "rollbacks") == [0.0, 0.0, 1.0, 1.0, 1.0]
    assert column(resumed, "learning_rate")[-1] == pytest.approx(rate / 2)
    _, state = read_state(run.folder / "checkpoints")
    assert state["memory"]["DivergenceGuard"] == {"rollbacks": 1, "rate_factor": 0.5, "in_a_row": 0}


@pytest.mark.slow
def test_the_epochs_after_going_back_are_those_of_a_run_at_that_rate(tmp_path):
    """What is restored is the whole state: order of the data, random numbers, moments, memories."""

    class Halve(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.optimizer.learning_rate = 0.5 * float(self.model.optimizer.learning_rate)

    broken = train(tiny_params(**NO_RAMPS), tiny_dataset(), tmp_path / "broken", callbacks=[Break(epoch=1)])
    halved = train(tiny_params(**NO_RAMPS), tiny_dataset(), tmp_path / "halved", callbacks=[Halve()])
    assert column(broken, "loss") == column(halved, "loss")
    assert column(broken, "val_nll_smoothed") == column(halved, "val_nll_smoothed")
    for ours, theirs in zip(broken.model.get_weights(), halved.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["cosine", "valid_plateau"])
def test_the_rule_of_the_learning_rate_goes_on_from_the_halved_one(tmp_path, rule):
    settings = {"lr_rule": rule, "lr_decay_steps": 8, "lr_stop": 1e-5, "lr_patience": 1, "n_epochs": 4, **NO_RAMPS}
    before = train(tiny_params(**settings), tiny_dataset(), tmp_path / "whole")
    after = train(tiny_params(**settings), tiny_dataset(), tmp_path / "broken", callbacks=[Break(epoch=1)])
    ratios = np.array(column(after, "learning_rate")) / np.array(column(before, "learning_rate"))
    assert ratios[0] == 1.0
    assert ratios[1] == pytest.approx(0.5)
    if rule == "cosine":
        assert ratios[2:] == pytest.approx([0.5, 0.5])
