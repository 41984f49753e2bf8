"""Jittered and shifted training batches: encoders and loss see the same, however the step is run."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.layers.batch_window import batch_window
from indl_vae.models.augment import augmented
from indl_vae.models.batch import as_batch
from tests.models.helpers import QUIET, counts, tiny

BOTH = {"spike_jitter_width": 2, "shift_std": 1.0, "shift_max": 2}


@pytest.fixture(scope="module")
def model():
    return tiny(**QUIET, **BOTH, sample_posteriors=False)


def seen(model, batch):
    """Returns what the next training step makes of a batch."""
    with batch_window(tf.constant(0)):
        return augmented(as_batch(batch, model.spec), model.augmentation)


def test_encoders_and_loss_see_the_same(model):
    """The loss of the first step, which nothing but the augmentation makes random, is that of the changed batch."""
    batch = {"x": counts()}
    changed = seen(model, batch)
    assert not np.array_equal(changed["x"], batch["x"])
    outputs = model.all_outputs(changed)
    expected, _ = model.objective.loss(changed, outputs, model.objective.totals(changed, True), True)
    plain, _ = model.objective.loss(batch, model.all_outputs(batch), model.objective.totals(batch, True), True)
    loss = model.train_step(batch)["loss"]
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    assert float(loss) != pytest.approx(float(plain), rel=1e-3)
    assert not np.array_equal(seen(model, batch)["x"], changed["x"]), "the next step draws anew"


def test_masks_and_truth_go_along_with_a_shift():
    model = tiny(shift_std=2.0)
    mask = (np.random.default_rng(0).random(counts().shape) < 0.6).astype("f4")
    x = np.where(mask > 0, counts(), -7.0).astype("f4")
    changed = seen(model, {"x": x, "mask": mask, "visible": mask, "truth": 2.0 * x})
    np.testing.assert_array_equal(changed["x"] == -7.0, changed["mask"] == 0)
    np.testing.assert_array_equal(changed["visible"], changed["mask"])
    np.testing.assert_array_equal(changed["truth"], 2.0 * changed["x"])
    assert not np.array_equal(changed["mask"], mask)


def test_spikes_stay_among_observed_and_visible_entries():
    model = tiny(spike_jitter_width=2)
    rng = np.random.default_rng(0)
    mask, visible = ((rng.random(counts().shape) < 0.7).astype("f4") for _ in range(2))
    changed = seen(model, {"x": counts(), "mask": mask, "visible": visible})
    fixed = mask * visible == 0
    np.testing.assert_array_equal(changed["x"].numpy()[fixed], counts()[fixed])
    np.testing.assert_array_equal(changed["x"].numpy().sum(1), counts().sum(1))
    assert not np.array_equal(changed["x"], counts())


def test_nothing_changes_outside_of_training(model):
    np.testing.assert_array_equal(model(counts())["rates"], model(counts())["rates"])
    scores = []
    for _ in range(2):
        model.reset_metrics()
        scores.append(float(model.test_step({"x": counts()})["nll"]))
    assert scores[0] == scores[1]


def test_models_without_augmentation_have_none():
    assert tiny().augmentation == []


@pytest.mark.slow
def test_steps_agree_compiled_and_in_lanes():
    ways = ({"jit_compile": False}, {"jit_compile": True, "cpu_lanes": 1}, {"jit_compile": True, "cpu_lanes": 2})
    losses = []
    for way in ways:
        history = (
            tiny(**BOTH, **way).fit({"x": counts(n=32)}, batch_size=32, epochs=2, shuffle=False, verbose=0).history
        )
        losses.append(history["loss"])
    np.testing.assert_allclose(losses[1:], losses[:1] * 2, rtol=1e-4)
