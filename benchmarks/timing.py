"""Timing of variants in turns, and what is told of the times."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Runs = Mapping[str, Callable[[], object]]


def interleave(
    runs: Runs, rounds: int, clock: Callable[[], float] = time.perf_counter, warm: bool = False
) -> dict[str, list[float]]:
    """Returns the seconds of each variant in each of `rounds` turns, after one turn that does not count.

    Variants take turns (A B A B ...), so that a drift of the machine's speed falls on all of them. With `warm`, a turn
    is two calls of which the second counts: in use, a step follows a step of the same model, and finds caches and
    memory as that one left them.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            if warm:
                run()
            begin = clock()
            run()
            if turn:
                times[name].append(clock() - begin)
    return times


def seconds_of(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Returns how long one call takes."""
    begin = clock()
    run()
    return clock() - begin


def spread(values: Sequence[float], unit: str = "", scale: float = 1.0) -> dict[str, float]:
    """Returns median, lowest and highest value times `scale`, under these names with the unit's."""
    ending = f"_{unit}" if unit else ""
    whole = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {f"{name}{ending}": value * scale for name, value in whole.items()}


def spread_ms(seconds: Sequence[float], per: int = 1) -> dict[str, float]:
    """Returns median, lowest and highest in milliseconds; `per` divides them, among trials say."""
    return spread(seconds, "ms", 1e3 / per)


def ratios(times: Mapping[str, Sequence[float]], base: str) -> dict[str, dict[str, float]]:
    """Returns the spread of every variant's time over that of `base` in the same round."""
    return {
        name: spread([value / reference for value, reference in zip(values, times[base], strict=True)])
        for name, values in times.items()
    }
