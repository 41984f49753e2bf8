import itertools

import keras
import numpy as np
import pytest

from indl_vae.errors import ConfigError, DataError, TrainingDivergedError
from indl_vae.families.ceneurovae.compat import KLSchedule, build_optimizer, build_scheduler, fit_model
from tests.families.ceneurovae.compat_cases import made_batch, small_model

ROW = {"epoch", "train_rec", "train_kl", "train_sum", "val_rec", "val_kl", "val_sum", "beta", "free_bits", "lr",
       "epoch_elapsed"}  # fmt: skip


def fit(
    model=None, train=None, val=None, n_epoch=4, lr=1e-2, warmup=1, portion=0.5, optim=None, plateau=True, **options
):
    model = model or small_model()
    optim = optim or build_optimizer(model, lr=lr)
    seq, cut, finished = build_scheduler(optim, n_epoch, warmup, cosine_portion=portion, use_plateau=plateau)
    train = [made_batch(seed=1), made_batch(seed=2)] if train is None else train
    val = [made_batch(seed=3)] if val is None else val
    return fit_model(model, train, val, n_epoch, optim, seq, cut, finished, **options), model


def test_the_history_of_a_training(tmp_path):
    path = tmp_path / "best.weights.h5"
    history, model = fit(path_best=path)
    assert [row["epoch"] for row in history.history] == [1, 2, 3, 4]
    assert all(set(row) == ROW for row in history.history)
    losses, rates = history
    assert losses == [row["train_sum"] for row in history.history]
    expected = build_scheduler(build_optimizer(None, lr=1e-2), 4, 1, cosine_portion=0.5)[0]
    assert rates == pytest.approx([expected(epoch) for epoch in range(1, 5)], rel=1e-5)
    schedule = KLSchedule(4, 0.2)
    for row in history.history:
        assert row["beta"] == schedule.beta(row["epoch"]) and row["free_bits"] == schedule.free_bits(row["epoch"])
        for prefix in ("train", "val"):
            expected = row[f"{prefix}_rec"] + row["beta"] * row[f"{prefix}_kl"]
            assert row[f"{prefix}_sum"] == pytest.approx(expected, rel=1e-6)
    assert history.as_published() == (history.history, history.best_epoch, history.best_state)
    other = small_model({"seed": 9})
    other.load_weights(path)
    batch = made_batch(seed=3)
    np.testing.assert_allclose(other(batch)["reconstruction"], model(batch)["reconstruction"], atol=1e-6)


@pytest.mark.parametrize("kind", ["mse", "huber"])
def test_validation_is_what_the_model_says_of_the_best_weights(kind):
    history, model = fit(small_model(loss_rec_type=kind), n_epoch=3)
    best, told = history.history[history.best_epoch - 1], model(made_batch(seed=3))
    assert best["val_rec"] == pytest.approx(float(told["loss_rec"]), rel=1e-4)
    assert best["val_kl"] == pytest.approx(float(told["loss_kl"]), rel=1e-3, abs=1e-5)


def test_a_training_learns():
    batch = made_batch(seed=1)
    batch["X"] = np.broadcast_to(batch["Bx"][:, :1], batch["X"].shape).copy()  # every neuron says the behaviour
    history, _ = fit(train=[batch], val=[batch], n_epoch=40, lr=2e-2)
    assert history.history[-1]["val_rec"] < 0.5 * history.history[0]["val_rec"]


@pytest.mark.parametrize(("kind", "norm"), [("mse", 0.05), ("huber", 0.1)])
def test_the_gradient_of_the_published_loss_is_clipped(kind, norm):
    model = small_model(loss_rec_type=kind)
    before = [weight.numpy() for weight in model.trainable_weights]
    fit(model, train=[made_batch(seed=1)], n_epoch=1, warmup=0, optim=keras.optimizers.SGD(1.0), grad_clip=0.1)
    moved = sum(((w.numpy() - b) ** 2).sum() for w, b in zip(model.trainable_weights, before, strict=True)) ** 0.5
    assert moved == pytest.approx(norm, rel=1e-3)


def test_a_clip_of_nought_does_not_clip():
    optim = keras.optimizers.SGD(1e-3)
    fit(n_epoch=1, warmup=0, optim=optim, grad_clip=0)
    assert optim.global_clipnorm is None


def test_the_best_weights_are_restored_and_training_stops_after_them():
    # steps far too long: after the first epoch it only gets worse
    history, model = fit(n_epoch=12, lr=5.0, warmup=1, early_stop_patience=2)
    scores = [row["val_rec"] + 0.2 * row["val_kl"] for row in history.history]
    assert history.best_epoch == int(np.argmin(scores)) + 1
    assert len(history.history) == history.best_epoch + 2 < 12  # the epoch at which it stopped is there
    for weight in model.trainable_weights:
        np.testing.assert_array_equal(weight.numpy(), history.best_state[weight.path])


def test_a_gain_below_the_least_is_none():
    history, _ = fit(n_epoch=6, early_stop_patience=2, early_stop_min_delta=1e6)
    assert history.best_epoch == 1 and len(history.history) == 3


def test_scores_are_compared_at_one_weight_of_the_divergence():
    # with the published sum, epoch 1 (no divergence counted) would win against later ones
    history, _ = fit(small_model(beta_kl=50.0), n_epoch=5)
    sums = [row["val_sum"] for row in history.history]
    scores = [row["val_rec"] + 50.0 * row["val_kl"] for row in history.history]
    assert int(np.argmin(sums)) == 0 and history.best_epoch == int(np.argmin(scores)) + 1 > 1


def test_the_legacy_schedule_weighs_as_the_published_code_did():
    history, model = fit(n_epoch=4, legacy_schedule=True)
    assert [row["beta"] for row in history.history] == [0.2, 0.2, 0.2, 0.2]  # a warm-up of one epoch
    assert {row["free_bits"] for row in history.history} == {0.0}
    history, _ = fit(model, n_epoch=7, legacy_schedule=True)
    assert [row["beta"] for row in history.history[:4]] == pytest.approx([0.2, 0.1, 0.1, 0.1])


def test_the_weight_of_the_configuration_is_back_after_training():
    model = small_model(tau_freebits=0.5)
    fit(model, n_epoch=2)
    terms = model.wired().terms
    assert {float(term.weight_value) for term in terms.values()} == {pytest.approx(0.1)}
    assert float(model.wired().core.get_layer("latent_kl").free_bits) == 0.5


def test_the_plateau_acts_in_the_tail_alone():
    # nothing can be gained at a rate of almost nought, so the plateau cuts as soon as it may
    history, _ = fit(n_epoch=14, lr=1e-12, warmup=1, portion=0.3, early_stop_patience=20)
    rates = history.lrs
    assert rates[5:11] == pytest.approx([1e-13] * 6)  # cosine ends with epoch 5; five epochs without a gain are borne
    assert rates[11:] == pytest.approx([5e-14] * 3)


def test_batches_of_other_widths_and_a_second_training():
    optim = build_optimizer(None)
    _, model = fit(train=[made_batch(4), made_batch(6)], n_epoch=1, warmup=0, optim=optim)
    assert model.wired().spec.n_channels == 6
    history, _ = fit(model, n_epoch=1, warmup=0, optim=optim)
    assert len(history.history) == 1


def test_an_optimizer_of_other_weights():
    optim = build_optimizer(None)
    fit(n_epoch=1, warmup=0, optim=optim)
    with pytest.raises(ConfigError, match=r"optim: expected an optimizer that has trained nothing else"):
        fit(n_epoch=1, warmup=0, optim=optim)


@pytest.mark.parametrize(("name", "options"), [("loader_train", {"train": []}), ("loader_val", {"val": []})])
def test_empty_loaders(name, options):
    with pytest.raises(DataError, match=rf"{name}: expected at least one batch, got none"):
        fit(**options)


def test_a_loader_that_ends_once():
    with pytest.raises(DataError, match=r"loader_train: expected batches for every epoch, got an iterator"):
        fit(train=itertools.repeat(made_batch(), 2))


def test_a_loss_that_is_not_a_number():
    bad = made_batch(seed=1)
    bad["X"][0, 0, 0] = np.nan
    bad["M"][0, 0, 0] = 1.0
    model = small_model()
    with pytest.raises(TrainingDivergedError, match=r"epoch 1, training batch 2: train_rec is nan .*expected finite"):
        fit(model, train=[made_batch(seed=2), bad])
    with pytest.raises(TrainingDivergedError, match=r"epoch 1, validation batch 1: val_rec is nan"):
        fit(val=[bad])


class GoesBad(list):
    """Batches of which the last ones, from the third pass on, are not numbers."""

    def __iter__(self):
        self.passes = getattr(self, "passes", 0) + 1
        found = [dict(batch) for batch in super().__iter__()]
        if self.passes > 3:  # the first pass only looks for the number of neurons
            found[0]["X"], found[0]["M"] = np.full_like(found[0]["X"], np.nan), np.ones_like(found[0]["M"])
        return iter(found)


def test_the_best_weights_before_are_there_when_training_diverges():
    model = small_model()
    with pytest.raises(TrainingDivergedError, match=r"epoch 3, training batch 1"):
        fit(model, train=GoesBad([made_batch(seed=1)]))
    assert all(np.isfinite(weight.numpy()).all() for weight in model.trainable_weights)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"early_stop_patience": 0}, r"early_stop_patience: expected a number from 1 up, got 0"),
        ({"grad_clip": -1.0}, r"grad_clip: expected a number from 0 up, got -1\.0"),
        ({"path_best": "best.pt"}, r"path_best: expected a name that ends in \.weights\.h5 .*, got 'best\.pt'"),
    ],
)
def test_numbers_out_of_range(options, message):
    with pytest.raises(ConfigError, match=message):
        fit(**options)


def test_no_epoch_at_all():
    optim = build_optimizer(None)
    seq, cut, finished = build_scheduler(optim, 2, 1)
    with pytest.raises(ConfigError, match=r"n_epoch: expected a number from 1 up, got 0"):
        fit_model(small_model(), [made_batch()], [made_batch()], 0, optim, seq, cut, finished)
