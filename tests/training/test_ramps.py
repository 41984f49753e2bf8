"""The factors of KL terms: ramps that rise and, from above, fall."""

from __future__ import annotations

import pytest

from indl_vae.params import RampGroup
from indl_vae.training.ramps import Ramps


def test_a_ramp_from_above_falls_to_one():
    ramps = Ramps(RampGroup(kl_f_ramp_from=50.0, kl_f_ramp_length=3))
    assert [ramps.value("kl", epoch, 0, "kl_f") for epoch in range(5)] == pytest.approx([37.75, 25.5, 13.25, 1.0, 1.0])
    assert [ramps.value("kl", epoch, 0, "kl_z") for epoch in range(2)] == [1.0, 1.0]
    assert not ramps.over(2, 0) and ramps.over(3, 0)


def test_without_it_a_ramp_rises_from_nothing():
    ramps = Ramps(RampGroup(kl_ramp_length=4))
    assert [ramps.value("kl", epoch, 0, "kl_f") for epoch in range(6)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0])
    assert ramps.value("other", 0, 0) == 1.0
