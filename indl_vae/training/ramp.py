"""The ramp of a loss term's weight as a function of time."""

from __future__ import annotations


def ramp_by_epoch(epoch: int, start: int, length: int) -> float:
    """Returns the ramp in epoch `epoch` (counted from 0): `(epoch + 1 - start) / (length + 1)` within [0, 1].

    With length 0 it is 1 from epoch `start` on (lfadslite, AutoLFADS and lfads-torch: three spellings of one formula).
    """
    return min(max((epoch + 1 - start) / (length + 1), 0.0), 1.0)


def ramp_by_step(step: int, start: int, length: int) -> float:
    """Returns the ramp before step `step` (counted from 0): `(step - start) / length` within [0, 1] (LFADS on TF1)."""
    if length == 0:
        return float(step >= start)
    return min(max(step - start, 0) / length, 1.0)
