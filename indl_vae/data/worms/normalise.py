"""Scales of neurons, kept beside the data so that what a model makes can be brought back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.worm_set import WormSet
from indl_vae.errors import ConfigError, DataError

#: What neurons may be scaled by.
NORMALISATIONS = ("zscore", "none")
_MEAN, _STD = "scaler_mean", "scaler_std"


@dataclass(frozen=True, eq=False)
class WormScalers:
    """A mean and a standard deviation of each neuron of each animal.

    Attributes:
        mean: By uid, `(N_i,)` float32.
        std: By uid, `(N_i,)` float32, above 0.
    """

    mean: Mapping[str, np.ndarray]
    std: Mapping[str, np.ndarray]

    @classmethod
    def fit(cls, worms: WormSet, normalise: str = "zscore") -> WormScalers:
        """Measures neurons in recorded frames within the segments: of a set to train on, its training frames.

        Animals that are held out as wholes have neurons of their own, and so scales of their own: fit them too.

        Args:
            worms: The animals.
            normalise: "zscore", or "none" for mean 0 and deviation 1.

        Raises:
            ConfigError: It is neither.
        """
        if normalise not in NORMALISATIONS:
            raise ConfigError(f"normalise: {normalise!r}, expected one of {', '.join(NORMALISATIONS)}.")
        if normalise == "none":
            sizes = {uid: recording.n_neurons for uid, recording in worms.recordings.items()}
            zeros = {uid: np.zeros(n, np.float32) for uid, n in sizes.items()}
            return cls(zeros, {uid: np.ones(n, np.float32) for uid, n in sizes.items()})
        moments = {uid: _moments(recording) for uid, recording in worms.recordings.items()}
        return cls({uid: m for uid, (m, _) in moments.items()}, {uid: s for uid, (_, s) in moments.items()})

    @classmethod
    def of(cls, worms: WormSet) -> WormScalers:
        """Returns the scalers that `apply` left in the recordings' extras, such as those of a file read back.

        Raises:
            DataError: A recording has none.
        """
        for uid, recording in worms.recordings.items():
            if not {_MEAN, _STD} <= set(recording.extras):
                raise DataError(f"{uid}: holds no {_MEAN} and {_STD}; expected a set that scalers were applied to.")
        kept = {key: {uid: one.extras[key] for uid, one in worms.recordings.items()} for key in (_MEAN, _STD)}
        return cls(kept[_MEAN], kept[_STD])

    def apply(self, worms: WormSet) -> WormSet:
        """Returns the animals scaled, the scales in their extras.

        Raises:
            DataError: An animal was not fitted, has another number of neurons, or has been scaled before.
        """
        return replace(worms, recordings={uid: self._scaled(one) for uid, one in worms.recordings.items()})

    def invert(self, uid: str, x: np.ndarray, neurons: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Returns activity in the units it was recorded in.

        Args:
            uid: The animal.
            x: `(..., N)` scaled activity.
            neurons: Which neurons of the recording the last axis holds; all of them by default.

        Raises:
            DataError: The animal was not fitted, or x has another number of neurons.
        """
        mean, std = self._of(uid)
        mean, std, x = mean[neurons], std[neurons], np.asarray(x)
        self._check_count(uid, x.shape[-1], len(mean))
        return x * std + mean

    def _scaled(self, recording: WormRecording) -> WormRecording:
        mean, std = self._of(recording.uid)
        self._check_count(recording.uid, recording.n_neurons, len(mean))
        if _MEAN in recording.extras:
            raise DataError(f"{recording.uid}: has been scaled before; apply scalers to the recording as it was read.")
        extras = {**recording.extras, _MEAN: mean, _STD: std}
        return replace(recording, x=(recording.x - mean) / std, extras=extras)

    def _of(self, uid: str) -> tuple[np.ndarray, np.ndarray]:
        if uid not in self.mean:
            raise DataError(f"{uid}: has no scalers, expected one of {', '.join(self.mean)}; fit them on it as well.")
        return self.mean[uid], self.std[uid]

    @staticmethod
    def _check_count(uid: str, found: int, expected: int) -> None:
        if found != expected:
            raise DataError(f"{uid}: has {found} neurons, its scalers {expected}; expected those of one recording.")


def _moments(recording: WormRecording) -> tuple[np.ndarray, np.ndarray]:
    seen = recording.mask * recording.in_segments[:, None]
    count = np.maximum(seen.sum(0, dtype=np.float64), 1.0)
    mean = (recording.x * seen).sum(0, dtype=np.float64) / count
    std = np.sqrt((seen * (recording.x - mean) ** 2).sum(0, dtype=np.float64) / count)
    # A neuron that is constant, or was never recorded, is only shifted.
    std = np.where(std > 1e-6 * np.abs(mean), std, 1.0)
    return mean.astype(np.float32), std.astype(np.float32)
