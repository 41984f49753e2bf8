"""Stages of training and restarts: what is trained in each, and that an interruption changes nothing."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.models import build_model
from indl_vae.training import train
from indl_vae.training.legs import legs_of
from tests.models.family_cases import tiny
from tests.training.tiny import tiny_dataset, tiny_params

TWO = {"n_epochs": 2, "stages": [{"n_epochs": 2, "frozen": ["inference"], "learning_rate": 1e-3}], "tensorboard": False}


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    return train(tiny_params(**TWO), tiny_dataset(), tmp_path_factory.mktemp("stages") / "run")


def weights_of(path, begins):
    model = keras.models.load_model(path)
    return [w.numpy() for layer in model.core.layers if layer.name.startswith(begins) for w in layer.weights]


def test_the_second_stage_leaves_the_inference_network(straight):
    run, first = straight, straight.folder / "best_stage_1.keras"
    for before, after in zip(weights_of(first, "f_rnn"), weights_of(run.files.best, "f_rnn"), strict=True):
        np.testing.assert_array_equal(before, after)
    changed = zip(weights_of(first, "readout"), weights_of(run.files.best, "readout"), strict=True)
    assert any(not np.array_equal(before, after) for before, after in changed)
    assert [row["stage"] for row in run.history] == [0, 0, 1, 1]
    assert [row["step"] for row in run.history] == [2, 4, 2, 4]
    assert run.history[-1]["learning_rate"] == pytest.approx(1e-3)


@pytest.mark.parametrize("epoch", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_an_interrupted_run_goes_on_in_its_stage_to_the_same_numbers(tmp_path, straight, epoch):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, number, logs=None):
            if number == epoch:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tiny_params(**TWO), tiny_dataset(), tmp_path / "cut", callbacks=[Stop()])
    resumed = train(tiny_params(**TWO), tiny_dataset(), tmp_path / "cut", resume=True)
    assert resumed.history == straight.history
    for ours, theirs in zip(resumed.model.get_weights(), straight.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_stages_have_schedules_of_their_own():
    params = tiny_params(lr_rule="cosine", lr_stop=1e-5, n_epochs=5, stages=[{"n_steps": 7, "lr_warmup_steps": 3}])
    first, second = legs_of(params, steps_per_epoch=2)
    assert (first.n_epochs, second.n_epochs) == (5, 4)
    assert (second.params.lr_decay_steps, second.params.lr_warmup_steps) == (5, 3)
    assert second.after(5).params.n_epochs == 9


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([{"n_epochs": 2, "frozen": ["nothing"]}], "frozen: 'nothing' names no part of this model"),
        ([{"frozen": ["inference"]}], "expected either n_epochs or n_steps"),
        ([{"n_epochs": 1, "epochs": 2}], "which is none: Extra inputs are not permitted"),
        ("two", "expected a list of stages"),
    ],
)
def test_stages_that_cannot_be_are_refused_before_training(stages, message):
    with pytest.raises(ConfigError, match=message):
        build_model(tiny_params(stages=stages), tiny_dataset())


def test_the_best_restart_goes_on(tmp_path):
    params = tiny_params(
        learning_rate=1e-7, lr_stop=0.0, n_epochs=1, restarts=3, restart_epochs=1, tensorboard=False, select_on="loss"
    )
    run = train(params, tiny_dataset(), tmp_path / "run")
    tried = json.loads((tmp_path / "run" / "restarts.json").read_text())["tried"]
    assert len({one["seed"] for one in tried}) == 3 and len({one["score"] for one in tried}) == 3
    best = min(tried, key=lambda one: one["score"])
    for one in tried:  # at so low a learning rate weights stay what their seed makes them
        begun = build_model(params.replace(seed=one["seed"]), tiny_dataset())
        pairs = zip(begun.trainable_weights, run.model.trainable_weights, strict=True)
        near = all(np.allclose(a, b, atol=1e-5) for a, b in pairs)
        assert near == (one is best)
    assert len(run.history) == 1


def test_a_model_without_an_encoder_has_none_to_freeze():
    with pytest.raises(ConfigError, match="frozen: 'inference' names no part of this model"):
        tiny("dendplrnn teacher forcing", stages=[{"n_epochs": 1, "frozen": ["inference"]}])
