"""How recordings of worms are divided into splits and cut into windows."""

from __future__ import annotations

from indl_vae.params.base import Params
from indl_vae.params.field import param


class WormDataGroup(Params):
    """Parameters of data that are recordings of animals with different neurons; other data do not look at them."""

    window_T: int = param(200, "Frames of a window of a recording of a worm.", unit="bins", ge=1)
    stride: int = param(50, "Frames from the start of a window to that of the next.", unit="bins", ge=1)
    val_frac: float = param(0.2, "Share of the animals, or of each recording's time, to validate on.", gt=0.0, lt=1.0)
    test_frac: float = param(0.0, "Share of the animals, or of each recording's time, to test on.", ge=0.0, lt=1.0)
    split: str = param(
        "animals",
        "What is divided: the animals, or the time of each ('time': the beginning trains, the end is held out).",
        choices=("animals", "time"),
    )
    split_seed: int = param(0, "Seed of the draw of animals.", ge=0)
    gap: int = param(100, "With split='time': frames before a later split that no split has.", unit="bins", ge=0)
    normalise: str = param(
        "none", "Whether neurons are brought to mean 0 and deviation 1 ('zscore').", choices=("none", "zscore")
    )
    ignore_unlabeled: bool = param(True, "Whether neurons that are not identified are left out.")
