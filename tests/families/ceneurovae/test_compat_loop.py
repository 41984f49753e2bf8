"""The training loop over scripted losses: what it does with them, epoch by epoch."""

import itertools

import numpy as np
import pytest

from indl_vae.errors import ConfigError, DataError, TrainingDivergedError
from indl_vae.families.ceneurovae.compat import KLSchedule, build_optimizer, build_scheduler, epochs, fit_model
from tests.families.ceneurovae.compat_cases import made_batch, small_model

ROW = {"epoch", "train_rec", "train_kl", "train_sum", "val_rec", "val_kl", "val_sum", "beta", "free_bits", "lr",
       "epoch_elapsed"}  # fmt: skip


class Script:
    """Takes the place of a step: losses of validation are scripted, training counts epochs in a weight."""

    def __init__(self, rec, kl=None):
        self.rec, self.kl, self.epoch, self.acting = rec, kl or [0.5] * len(rec), 0, []

    def __call__(self, model, batch, training):
        if training:
            self.epoch += 1
            weight = model.trainable_weights[0]
            weight.assign(np.full(weight.shape, self.epoch))
            term = model.wired().terms["kl_z"]
            layer = model.wired().core.get_layer("latent_kl")
            self.acting.append((2.0 * float(term.weight_value), float(layer.free_bits)))
            return 2.0, 1.0
        return self.rec[self.epoch - 1], self.kl[self.epoch - 1]


@pytest.fixture(scope="module")
def small():
    """One model for all: no step is taken, and what a test leaves in it is of no matter."""
    return small_model()


@pytest.fixture
def run(small, monkeypatch):
    def fit(rec, kl=None, warmup=1, portion=0.5, lr=1e-2, train=None, val=None, model=small, **options):
        script = Script(rec, kl)
        monkeypatch.setattr(epochs, "_step", script)
        optim = build_optimizer(model, lr=lr)
        seq, cut, finished = build_scheduler(optim, len(rec), warmup, cosine_portion=portion)
        batches = [[made_batch()] if given is None else given for given in (train, val)]
        return fit_model(model, *batches, len(rec), optim, seq, cut, finished, **options), script

    return fit


def test_rows_of_the_history(run):
    history, script = run([3.0, 2.0, 1.5, 1.2, 1.1, 1.0])
    assert [row["epoch"] for row in history.history] == [1, 2, 3, 4, 5, 6]
    assert all(set(row) == ROW for row in history.history)
    schedule = KLSchedule(6, 0.2)
    for row in history.history:
        beta = schedule.beta(row["epoch"])
        assert (row["train_rec"], row["train_kl"], row["val_kl"], row["beta"]) == (2.0, 1.0, 0.5, beta)
        assert row["train_sum"] == pytest.approx(2.0 + beta)
        assert row["val_sum"] == pytest.approx(row["val_rec"] + 0.5 * beta)
    # what stood in the model while the epoch ran
    assert script.acting == [pytest.approx((schedule.beta(e), schedule.free_bits(e))) for e in range(1, 7)]


def test_a_history_unpacks_into_two_and_gives_three(run):
    history, _ = run([3.0, 2.0])
    losses, rates = history
    assert losses == [row["train_sum"] for row in history.history]
    assert rates == [row["lr"] for row in history.history] == pytest.approx([1e-5, 1e-2])
    assert history.as_published() == (history.history, history.best_epoch, history.best_state)


def test_batches_count_the_same_in_means(run, monkeypatch, small):
    found = iter([(1.0, 0.0), (2.0, 3.0), (6.0, 0.0)])
    monkeypatch.setattr(epochs, "_step", lambda *_: next(found))
    means = epochs.run_epoch(small, [made_batch()] * 3, 1, 0.5, True)
    assert means == {"train_rec": 3.0, "train_kl": 1.0, "train_sum": 3.5}


def test_the_best_weights_are_restored_and_training_stops_after_them(run, small, tmp_path):
    path = tmp_path / "best.weights.h5"
    history, script = run([3.0, 1.0, 2.0, 1.0, 0.5, 0.4, 0.3], early_stop_patience=2, path_best=path)
    assert history.best_epoch == 2 and script.epoch == 4
    assert len(history.history) == 4  # the epoch at which it stopped is there
    assert np.all(small.trainable_weights[0].numpy() == 2.0)
    for weight in small.trainable_weights:
        np.testing.assert_array_equal(weight.numpy(), history.best_state[weight.path])
    other = small_model({"seed": 9})
    other.load_weights(path)
    for weight, restored in zip(other.trainable_weights, small.trainable_weights, strict=True):
        np.testing.assert_array_equal(weight.numpy(), restored.numpy())


def test_a_gain_below_the_least_is_none(run):
    history, _ = run([3.0, 2.95, 2.85, 2.8], early_stop_min_delta=0.1, early_stop_patience=3)
    assert history.best_epoch == 3


def test_scores_are_compared_at_one_weight_of_the_divergence(run):
    # the sum of the first epoch, in which the divergence counts nothing, is the lowest of all
    history, _ = run([1.0, 1.1, 1.2, 1.3], kl=[9.0, 5.0, 2.0, 1.8])
    sums = [row["val_sum"] for row in history.history]
    assert int(np.argmin(sums)) == 0 and history.best_epoch == 4 - 1


def test_the_legacy_schedule_weighs_as_the_published_code_did(run):
    history, script = run([1.0] * 10, early_stop_patience=20, legacy_schedule=True)
    betas = [row["beta"] for row in history.history]
    assert betas == pytest.approx([0.2, 0.2 / 3, *[0.2 * 2 / 9] * 8])
    assert [beta for beta, _ in script.acting] == pytest.approx(betas)
    assert {tau for _, tau in script.acting} == {0.0}


def test_what_the_configuration_says_is_back_after_training(run):
    model = small_model(tau_freebits=0.5)
    _, script = run([1.0] * 5, model=model)
    assert [tau for _, tau in script.acting] == [0.0, 0.0, 0.0, 0.5, 0.5]
    assert [float(term.weight_value) for term in model.wired().terms.values()] == pytest.approx([0.1, 0.1])
    assert float(model.wired().core.get_layer("latent_kl").free_bits) == 0.5


def test_the_plateau_acts_in_the_tail_alone(run):
    history, _ = run([1.0] * 16, portion=0.3, early_stop_patience=99)
    assert history.lrs[5:11] == pytest.approx([1e-3] * 6)  # the cosine ends with epoch 5: one best, then five without
    assert history.lrs[11:] == pytest.approx([5e-4] * 5)


def test_without_a_tail_rates_are_those_of_the_schedule(run):
    history, _ = run([1.0] * 8, portion=1.0)
    expected = build_scheduler(build_optimizer(None, lr=1e-2), 8, 1)[0]
    assert history.lrs == pytest.approx([expected(epoch) for epoch in range(1, 9)], rel=1e-5)


def test_an_optimizer_of_other_weights(small, monkeypatch):
    monkeypatch.setattr(epochs, "_step", Script([1.0, 1.0]))
    optim = build_optimizer(None)
    schedulers = build_scheduler(optim, 2, 1)
    fit_model(small, [made_batch()], [made_batch()], 1, optim, *schedulers)
    fit_model(small, [made_batch()], [made_batch()], 1, optim, *schedulers)  # the same model goes on
    with pytest.raises(ConfigError, match=r"optim: expected an optimizer that has trained nothing else"):
        fit_model(small_model(), [made_batch()], [made_batch()], 1, optim, *schedulers)


@pytest.mark.parametrize("name", ["train", "val"])
def test_empty_loaders(run, name):
    with pytest.raises(DataError, match=rf"loader_{name}: expected at least one batch, got none"):
        run([1.0, 1.0], **{name: []})


def test_a_loader_that_ends_once(run):
    with pytest.raises(DataError, match=r"loader_train: expected batches for every epoch, got an iterator"):
        run([1.0, 1.0], train=itertools.repeat(made_batch(), 2))


def test_the_best_weights_before_are_there_when_training_diverges(run, small):
    message = r"epoch 3, validation batch 1: val_rec is nan and val_kl is 0\.5, expected finite numbers\. Look for NaN"
    with pytest.raises(TrainingDivergedError, match=message):
        run([2.0, 1.0, np.nan, 0.5])
    assert np.all(small.trainable_weights[0].numpy() == 2.0)
    with pytest.raises(TrainingDivergedError, match=r"epoch 2, validation batch 1: val_rec is 2\.0 and val_kl is inf"):
        run([2.0, 2.0], kl=[1.0, np.inf])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"early_stop_patience": 0}, r"early_stop_patience: expected a number from 1 up, got 0"),
        ({"grad_clip": -1.0}, r"grad_clip: expected a number from 0 up, got -1\.0"),
        ({"path_best": "best.pt"}, r"path_best: expected a name that ends in \.weights\.h5 .*, got 'best\.pt'"),
    ],
)
def test_numbers_out_of_range(run, options, message):
    with pytest.raises(ConfigError, match=message):
        run([1.0, 1.0], **options)


def test_no_epoch_at_all(small):
    optim = build_optimizer(None)
    with pytest.raises(ConfigError, match=r"n_epoch: expected a number from 1 up, got 0"):
        fit_model(small, [made_batch()], [made_batch()], 0, optim, *build_scheduler(optim, 2, 1))
