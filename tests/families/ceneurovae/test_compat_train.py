"""Trainings with real steps: few, since tracing one takes seconds."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from indl_vae.data.synthetic.worms import make_worms
from indl_vae.data.worms import write_worms
from indl_vae.errors import TrainingDivergedError
from indl_vae.families.ceneurovae.compat import build_optimizer, build_scheduler, fit_model
from indl_vae.families.ceneurovae.compat import model as compat_model
from tests.families.ceneurovae.compat_cases import SMALL, made_batch, small_model

PAGE = Path(__file__).parents[3] / "docs" / "ceneurovae_compat.md"


@pytest.fixture
def eager():
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def test_the_published_example_runs_as_the_page_has_it(tmp_path, monkeypatch):
    """The page's example word for word, but for the path, fewer and shorter epochs, and a small model."""
    path = tmp_path / "worms.h5"
    write_worms(make_worms(n_animals=5, n_bins=60, n_classes=6).worms, path)
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[1]
    for theirs, ours in {
        'path_data = "..."': f"path_data = {str(path)!r}",
        "behavior_dim=3": f"behavior_dim=3, **{SMALL}",
        "n_epoch = 100": "n_epoch = 12",
        "window_T=100": "window_T=20",
        "stride=50": "stride=10",
    }.items():
        assert code.count(theirs) == 1
        code = code.replace(theirs, ours)
    original = compat_model.NeuroBehaviorVAE.__init__
    monkeypatch.setattr(
        compat_model.NeuroBehaviorVAE, "__init__", lambda self, cfg: original(self, cfg, jit_compile=False)
    )
    names = {}
    exec(compile(code, str(PAGE), "exec"), names)
    assert len(names["list_loss"]) == len(names["list_lr"]) == 12 and np.isfinite(names["list_loss"]).all()
    assert names["list_loss"][-1] < names["list_loss"][0]
    assert names["list_lr"][0] == pytest.approx(1e-6) and max(names["list_lr"]) == pytest.approx(1e-3)
    assert len(names["train_uids"]) == 4 and len(names["val_uids"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mse", "huber"])
def test_a_training_learns_and_keeps_its_best_weights(kind, tmp_path):
    batch = made_batch(seed=1)
    batch["X"] = np.broadcast_to(batch["Bx"][:, :1], batch["X"].shape).copy()  # every neuron says the behaviour
    model, path = small_model(loss_rec_type=kind), tmp_path / "best.weights.h5"
    optim = build_optimizer(model, lr=2e-2)
    history = fit_model(model, [batch], [batch], 40, optim, *build_scheduler(optim, 40, 2), path_best=path)
    rows = history.history
    assert rows[-1]["val_rec"] < 0.5 * rows[0]["val_rec"]
    best, told = rows[history.best_epoch - 1], model(batch)
    assert best["val_rec"] == pytest.approx(float(told["loss_rec"]), rel=1e-3)
    # free bits act in training alone, as the configuration has it
    assert best["val_kl"] >= float(told["loss_kl"]) - 1e-6
    other = small_model({"seed": 9}, loss_rec_type=kind)
    other.load_weights(path)
    np.testing.assert_allclose(other(batch)["reconstruction"], told["reconstruction"], atol=1e-6)


@pytest.mark.parametrize(("kind", "norm"), [("mse", 0.05), ("huber", 0.1)])
def test_the_gradient_of_the_published_loss_is_clipped(eager, kind, norm):
    model, optim = small_model(loss_rec_type=kind), keras.optimizers.SGD(1.0)
    before = [weight.numpy() for weight in model.trainable_weights]
    val = made_batch(5, seed=3)
    history = fit_model(model, [made_batch(5)], [val], 1, optim, *build_scheduler(optim, 1, 0), grad_clip=0.1)
    moved = sum(((w.numpy() - b) ** 2).sum() for w, b in zip(model.trainable_weights, before, strict=True)) ** 0.5
    assert moved == pytest.approx(norm, rel=1e-3)
    # the only epoch is the best one, and no free bits act in it: the model says what validation said
    row, told = history.history[0], model(val)
    assert row["val_rec"] == pytest.approx(float(told["loss_rec"]), rel=1e-4)
    assert row["val_kl"] == pytest.approx(float(told["loss_kl"]), rel=1e-4)


def test_a_clip_of_nought_and_batches_of_other_widths(eager):
    model, optim = small_model(), keras.optimizers.SGD(1e-3)
    fit_model(
        model, [made_batch(4), made_batch(6)], [made_batch(3)], 1, optim, *build_scheduler(optim, 1, 0), grad_clip=0
    )
    assert optim.global_clipnorm is None and model.wired().spec.n_channels == 6


def test_a_loss_that_is_not_a_number(eager):
    bad = made_batch(seed=1)
    bad["X"][0, 0, 0] = np.nan
    assert bad["M"][0, 0, 0] == 1.0
    model, optim = small_model(), keras.optimizers.SGD(1e-3)
    with pytest.raises(TrainingDivergedError, match=r"epoch 1, training batch 2: train_rec is nan .*expected finite"):
        fit_model(model, [made_batch(seed=2), bad], [bad], 1, optim, *build_scheduler(optim, 1, 0))
