"""How trials without splits are divided into them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indl_vae.errors import ConfigError

DEFAULT_PERC = 0.1
_OPTIONS = ("test_perc", "valid_perc", "dataseed", "tlim")
#: What numpy's generator takes for a seed.
_LARGEST = 2**32 - 1


@dataclass(frozen=True)
class TrialOptions:
    """How trials are divided; None takes the default.

    Attributes:
        test_perc: Share of the trials to test on, 0 for none; a tenth by default.
        valid_perc: Share of the trials to validate on, taken from those that are not tested on; a tenth by default.
        dataseed: Seed of the draw; 0 by default.
        tlim: Bins of every trial: longer ones are cut, shorter ones padded; as many as the longest has by default.
        whole_if_short: Whether too few trials for all splits are new data, all of it to test on, or a fault.
        if_undivided: Whether data that have splits are taken as they are, or options for them are a fault.

    Raises:
        ConfigError: A value is out of its range.
    """

    test_perc: float | None = None
    valid_perc: float | None = None
    dataseed: int | None = None
    tlim: int | None = None
    whole_if_short: bool = False
    if_undivided: bool = False

    def __post_init__(self) -> None:
        test, valid = self.shares
        if not 0 <= test < 1:
            raise ConfigError(f"test_perc: {test!r}, expected a share from 0 up and below 1; 0.1 is usual.")
        if not 0 < valid < 1 - test:
            raise ConfigError(
                f"valid_perc: {valid!r}, expected a share above 0 that leaves trials to train on beside test_perc "
                f"{test!r}; 0.1 is usual."
            )
        for name, least in (("dataseed", 0), ("tlim", 1)):
            value = getattr(self, name)
            if value is not None and not (_is_whole(value) and least <= value <= _LARGEST):
                raise ConfigError(f"{name}: {value!r}, expected a whole number from {least} to {_LARGEST}.")

    @property
    def shares(self) -> tuple[float, float]:
        """Shares of test and validation, the defaults filled in."""
        test, valid = (DEFAULT_PERC if one is None else one for one in (self.test_perc, self.valid_perc))
        return test, valid

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the options that were set."""
        return tuple(name for name in _OPTIONS if getattr(self, name) is not None)

    def refuse(self, place: str, reason: str) -> None:
        """Raises ConfigError if an option is set although the data are not divided by it."""
        if self.given and not self.if_undivided:
            raise ConfigError(
                f"{self.given[0]}: goes with trials that are not divided yet (key ys), got {place}, {reason}; leave it "
                "out."
            )


def _is_whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
