"""How animals are divided into splits and cut into windows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from indl_vae.data.worms.normalise import NORMALISATIONS
from indl_vae.errors import ConfigError
from indl_vae.registry import nearest_name

#: What may be divided: the animals, or the time of every animal.
DIVISIONS = ("animals", "time")


@dataclass(frozen=True)
class WormOptions:
    """How recordings of worms become a data set; see `worm_dataset`.

    Attributes:
        window_T: Frames of a window.
        stride: Frames from the start of a window to that of the next.
        val_frac: Share to validate on: of the animals, or of each recording's time.
        test_frac: Share to test on, 0 for none.
        split: "animals" or "time".
        normalise: "none" or "zscore".
        ignore_unlabeled: Whether neurons that are not identified are left out.
        seed: Seed of the draw of animals.
        gap: Frames between two splits of one recording that neither has.
        whole_if_short: Whether too few animals for all splits are new data, all of it to test on, or a fault.

    Raises:
        ConfigError: A value is out of its range.
    """

    window_T: int = 200
    stride: int = 50
    val_frac: float = 0.2
    test_frac: float = 0.0
    split: str = "animals"
    normalise: str = "none"
    ignore_unlabeled: bool = True
    seed: int = 0
    gap: int = 100
    whole_if_short: bool = False

    def __post_init__(self) -> None:
        for name, least in (("window_T", 1), ("stride", 1), ("seed", 0), ("gap", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
                raise ConfigError(f"{name}: {value!r}, expected a whole number from {least} up.")
        for name, known in (("split", DIVISIONS), ("normalise", NORMALISATIONS)):
            if getattr(self, name) not in known:
                raise ConfigError(f"{name}: {getattr(self, name)!r}, expected one of {', '.join(known)}.")
        if not isinstance(self.ignore_unlabeled, bool):
            raise ConfigError(f"ignore_unlabeled: {self.ignore_unlabeled!r}, expected True or False.")
        if not (_is_number(self.val_frac) and 0 < self.val_frac < 1):
            raise ConfigError(f"val_frac: {self.val_frac!r}, expected a share between 0 and 1; 0.2 is usual.")
        if not (_is_number(self.test_frac) and 0 <= self.test_frac < 1 - self.val_frac):
            raise ConfigError(
                f"test_frac: {self.test_frac!r}, expected a share from 0 up that leaves something to train on beside "
                f"val_frac {self.val_frac!r}."
            )

    @classmethod
    def of(cls, given: WormOptions | Mapping[str, Any] | None, whole_if_short: bool = False) -> WormOptions:
        """Returns options of a dict of them.

        Raises:
            ConfigError: There is none of a name, or a value is out of its range.
        """
        if isinstance(given, WormOptions):
            return given
        known = [item.name for item in fields(cls) if item.name != "whole_if_short"]
        for name in given or {}:
            if name not in known:
                near = nearest_name(str(name), known)
                hint = f" Did you mean {near!r}?" if near else ""
                raise ConfigError(f"worms: unknown option {name!r}, expected some of {', '.join(known)}.{hint}")
        return cls(**(given or {}), whole_if_short=whole_if_short)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and math.isfinite(value)
