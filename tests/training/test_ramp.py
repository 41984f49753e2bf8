import pytest

from indl_vae.training.ramp import ramp_by_epoch, ramp_by_step


@pytest.mark.parametrize(("epoch", "expected"), [(0, 0.0), (2, 0.0), (3, 1 / 5), (4, 2 / 5), (7, 1.0), (100, 1.0)])
def test_by_epoch_is_the_formula_of_the_published_codes(epoch, expected):
    assert ramp_by_epoch(epoch, start=3, length=4) == pytest.approx(expected)


def test_by_epoch_without_length_jumps_to_one_at_the_start():
    assert [ramp_by_epoch(e, start=2, length=0) for e in range(4)] == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize(("step", "expected"), [(0, 0.0), (10, 0.0), (15, 0.25), (30, 1.0), (99, 1.0)])
def test_by_step_is_the_formula_of_tf1(step, expected):
    assert ramp_by_step(step, start=10, length=20) == pytest.approx(expected)


def test_by_step_without_length_does_not_divide_by_zero():
    assert [ramp_by_step(s, start=2, length=0) for s in range(4)] == [0.0, 0.0, 1.0, 1.0]
