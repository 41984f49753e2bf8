import math

import keras
import pytest

from indl_vae.errors import ConfigError
from indl_vae.families.ceneurovae.compat import KLSchedule, build_optimizer, build_scheduler
from indl_vae.families.ceneurovae.compat.plateau import Plateau

EPOCHS = range(1, 101)
#: Of the published code for 100 epochs, warm-up of 10, ratio .05, portion .85; it rises again from epoch 88.
PUBLISHED = {1: 1e-6, 2: 1.009e-4, 5: 4.006e-4, 10: 9.001e-4, 11: 1e-3, 30: 8.609e-4, 50: 5.054e-4, 80: 6.975e-5,
             86: 5.041e-5, 87: 5e-5}  # fmt: skip


def scheduler(**changes):
    options = {"total_epochs": 100, "warmup_epochs": 10, "min_lr_ratio": 0.05, "cosine_portion": 0.85, **changes}
    return build_scheduler(build_optimizer(None, lr=1e-3), **options)


@pytest.mark.parametrize("epoch", PUBLISHED)
def test_rates_are_the_published_ones_up_to_the_end_of_the_cosine(epoch):
    assert scheduler()[0](epoch) == pytest.approx(PUBLISHED[epoch], rel=2e-4)


def test_rates_at_every_epoch():
    rates = scheduler()[0]
    for epoch in EPOCHS:
        if epoch <= 10:
            expected = 1e-6 + (epoch - 1) * (1e-3 - 1e-6) / 10
        else:
            expected = 5e-5 + 9.5e-4 * math.cos(min(epoch - 11, 76) * math.pi / 152) ** 2
        assert rates(epoch) == pytest.approx(expected, rel=1e-6), epoch  # Keras keeps rates as float32


def test_the_tail_never_rises():
    rates, _, finished = scheduler()
    tail = [rates(epoch) for epoch in EPOCHS if finished(epoch)]
    assert len(tail) == 14 and tail == [tail[0]] * 14
    after = [rates(epoch) for epoch in EPOCHS if epoch > 10]
    assert after == sorted(after, reverse=True)


@pytest.mark.parametrize(("epoch", "expected"), [(1, False), (86, False), (87, True), (100, True)])
def test_the_cosine_is_finished_after_its_last_epoch(epoch, expected):
    assert scheduler()[2](epoch) is expected


def test_without_warm_up_the_first_rate_is_the_peak():
    assert scheduler(warmup_epochs=0)[0](1) == pytest.approx(1e-3)


def test_rates_are_written_into_the_optimizer():
    optimizer = build_optimizer(None, lr=1e-3)
    rates = build_scheduler(optimizer, 100, 10)[0]
    rates.write(1)
    assert float(optimizer.learning_rate) == pytest.approx(1e-6)
    assert rates(11) == pytest.approx(1e-3)  # the peak is that of the start


@pytest.mark.parametrize(
    ("changes", "there"), [({}, True), ({"cosine_portion": 1.0}, False), ({"use_plateau": False}, False)]
)
def test_there_is_a_plateau_where_there_is_a_tail(changes, there):
    assert (scheduler(**changes)[1] is not None) == there


def test_a_plateau_halves_after_the_fifth_epoch_without_a_gain_and_ends_at_its_floor():
    plateau, rates = scheduler()[1], []
    for _ in range(20):
        rates.append(plateau.lowered(5e-5))
        plateau.step(1.0)
    assert rates == [5e-5] * 6 + [2.5e-5] * 5 + [pytest.approx(2e-5)] * 9


def test_a_gain_of_less_than_a_thousandth_is_none():
    plateau = Plateau(0.0, patience=1)
    for score in (1.0, 0.9995, 0.9991):
        plateau.step(score)
    assert plateau.lowered(1.0) == 0.5
    plateau.step(0.998)
    assert plateau.best == 0.998 and plateau.waited == 0


def test_a_plateau_never_raises_a_rate_to_its_floor():
    assert Plateau(1e-3).lowered(1e-4) == 1e-4


def test_the_optimizer_is_adamw_with_the_published_settings():
    found = build_optimizer(None)
    assert isinstance(found, keras.optimizers.AdamW)
    assert (found.beta_1, found.beta_2, found.epsilon, found.weight_decay) == (0.9, 0.95, 1e-8, 1e-4)
    assert float(found.learning_rate) == pytest.approx(1e-3)


@pytest.mark.parametrize("epoch", EPOCHS)
def test_the_divergence_grows_linearly_to_its_weight(epoch):
    schedule = KLSchedule(100, 0.2)
    assert schedule.beta(epoch) == pytest.approx(0.2 * min(epoch - 1, 30) / 30)
    assert schedule.free_bits(epoch) == (0.01 if epoch > 10 else 0.0)


@pytest.mark.parametrize(("total", "first"), [(1, 2), (10, 4), (30, 4), (50, 6)])
def test_free_bits_begin_after_a_tenth_but_not_before_three_epochs(total, first):
    schedule = KLSchedule(total, 0.2)
    assert schedule.free_bits(first - 1) == 0.0 or total == 1
    assert schedule.free_bits(max(first, 4)) == 0.01


@pytest.mark.parametrize(
    ("epoch", "beta"),
    [(1, 0.2), (2, 6.7e-3), (3, 4.4e-4), (5, 5.9e-6), (10, 3.7e-9), (20, 2.1e-12), (31, 2.58e-13), (100, 2.58e-13)],
)
def test_the_legacy_schedule_is_what_the_published_code_did(epoch, beta):
    assert KLSchedule(100, 0.2, legacy=True).beta(epoch) == pytest.approx(beta, rel=0.03)


def test_the_legacy_schedule_of_ten_epochs_ends_at_a_published_weight():
    assert KLSchedule(10, 0.2, legacy=True).beta(10) == pytest.approx(0.044, rel=0.02)


def test_the_legacy_schedule_leaves_free_bits_as_they_are():
    assert {KLSchedule(100, 0.2, tau=0.0, legacy=True).free_bits(epoch) for epoch in EPOCHS} == {0.0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"warmup_epochs": 100}, r"warmup_epochs: expected 0 to 99, less than total_epochs = 100, got 100"),
        ({"warmup_epochs": -1}, r"warmup_epochs: expected 0 to 99"),
        ({"cosine_portion": 0.0}, r"cosine_portion: expected a share above 0 and up to 1, got 0\.0"),
        ({"cosine_portion": 1.5}, r"cosine_portion: expected a share above 0 and up to 1, got 1\.5"),
        ({"min_lr_ratio": 2.0}, r"min_lr_ratio: expected a share from 0 and up to 1, got 2\.0"),
    ],
)
def test_numbers_of_a_scheduler_out_of_range(changes, message):
    with pytest.raises(ConfigError, match=message):
        scheduler(**changes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": 0.0}, r"lr, weight_decay, eps: expected a rate above 0, .* got 0\.0, 0\.0001 and 1e-08"),
        ({"betas": (0.9, 1.0)}, r"betas: expected two numbers from 0 up and below 1, got \(0\.9, 1\.0\)"),
        ({"betas": (0.9,)}, r"betas: expected two numbers"),
    ],
)
def test_numbers_of_an_optimizer_out_of_range(options, message):
    with pytest.raises(ConfigError, match=message):
        build_optimizer(None, **options)
