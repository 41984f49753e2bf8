"""Animals recorded alike: one list of labels, one list of behaviours, neurons of each animal's own."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from indl_vae.data.worms.recording import WormRecording
from indl_vae.errors import DataError

#: Name of label 0.
UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class WormSet:
    """Recordings of several animals.

    Attributes:
        recordings: By uid.
        labels: Names of neurons; the first is "unknown".
        behavior_names: Names of the behaviours, Tb of them.
        behavior_divisor: `(Tb,)` float32: a behaviour is divided by it before a network sees it.

    Raises:
        DataError: There is no recording, one does not fit to the others, or names are not unique.
    """

    recordings: Mapping[str, WormRecording]
    labels: tuple[str, ...]
    behavior_names: tuple[str, ...]
    behavior_divisor: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "recordings", dict(self.recordings))
        for name in ("labels", "behavior_names"):
            object.__setattr__(self, name, _unique_names(name, getattr(self, name)))
        if not self.labels or self.labels[0] != UNKNOWN:
            raise DataError(f"labels: start with {self.labels[:1]}, expected {UNKNOWN!r} at 0; put it in front.")
        object.__setattr__(self, "behavior_divisor", _divisor(self.behavior_divisor, len(self.behavior_names)))
        if not self.recordings:
            raise DataError("recordings: none, expected at least one animal.")
        for uid, recording in self.recordings.items():
            self._check(uid, recording)

    def _check(self, uid: str, recording: WormRecording) -> None:
        if uid != recording.uid:
            raise DataError(f"recordings: {uid!r} holds the recording {recording.uid!r}; use its uid as the key.")
        if recording.behavior.shape[1] != self.behavior_dim:
            raise DataError(
                f"{uid}: behavior: has {recording.behavior.shape[1]} columns, expected {self.behavior_dim}: "
                f"{', '.join(self.behavior_names)}."
            )
        highest = int(recording.identity.max())
        if highest >= self.n_identities:
            raise DataError(
                f"{uid}: identity: {highest} is no label; expected 0 to {self.n_identities - 1}, the places in labels."
            )

    @classmethod
    def of(
        cls,
        recordings: Iterable[WormRecording],
        labels: Sequence[str],
        behavior_names: Sequence[str] | None = None,
        behavior_divisor: np.ndarray | None = None,
    ) -> WormSet:
        """Makes a set and warns of behaviours that were never measured in a recording.

        Args:
            recordings: The animals.
            labels: Names of neurons, "unknown" first.
            behavior_names: None calls them behavior_0, behavior_1 and so on.
            behavior_divisor: `(Tb,)`; None divides by 1.

        Raises:
            DataError: As for the class; or two recordings have one uid.
        """
        found: dict[str, WormRecording] = {}
        for recording in recordings:
            if recording.uid in found:
                raise DataError(f"recordings: two are called {recording.uid!r}; give each a uid of its own.")
            found[recording.uid] = recording
        n = next(iter(found.values())).behavior.shape[1] if found else 0
        names = tuple(f"behavior_{i}" for i in range(n)) if behavior_names is None else tuple(behavior_names)
        divisor = np.ones(len(names)) if behavior_divisor is None else behavior_divisor
        made = cls(found, tuple(labels), names, divisor)
        _warn_unmeasured(made)
        return made

    def __repr__(self) -> str:
        return f"WormSet({len(self.recordings)} animals, {self.n_identities - 1} labels, {self.behavior_names})"

    @property
    def uids(self) -> tuple[str, ...]:
        """Names of the recordings."""
        return tuple(self.recordings)

    @property
    def n_identities(self) -> int:
        """Number of labels, "unknown" among them."""
        return len(self.labels)

    @property
    def behavior_dim(self) -> int:
        """Number of behaviours Tb."""
        return len(self.behavior_names)

    def scaled_behavior(self, uid: str) -> np.ndarray:
        """Returns the behaviour of an animal in units of the divisors, `(T, Tb)` float32, 0 where not measured."""
        return self.recordings[uid].behavior / self.behavior_divisor

    def take(self, uids: Iterable[str]) -> WormSet:
        """Returns a set of some of the animals, in the order given.

        Raises:
            DataError: There is none of a name.
        """
        uids = tuple(uids)
        for uid in uids:
            if uid not in self.recordings:
                raise DataError(f"uids: no recording {uid!r}, expected some of {', '.join(self.uids)}.")
        return replace(self, recordings={uid: self.recordings[uid] for uid in uids})


def _unique_names(what: str, names: Sequence[str]) -> tuple[str, ...]:
    names = tuple(str(name) for name in names)
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise DataError(f"{what}: {twice[0]!r} occurs twice, expected every name once; rename or merge them.")
    return names


def _divisor(divisor: np.ndarray, n: int) -> np.ndarray:
    found = np.asarray(divisor, np.float32)
    if found.shape != (n,) or not np.isfinite(found).all() or (found <= 0).any():
        raise DataError(f"behavior_divisor: {found.tolist()}, expected {n} numbers above 0, one for each behaviour.")
    return found


def _warn_unmeasured(worms: WormSet) -> None:
    for uid, recording in worms.recordings.items():
        missing = np.flatnonzero(recording.behavior_mask.sum(0) == 0)
        if len(missing):
            names = ", ".join(worms.behavior_names[i] for i in missing)
            warnings.warn(f"{uid}: {names}: never measured, masked throughout.", UserWarning, stacklevel=3)
