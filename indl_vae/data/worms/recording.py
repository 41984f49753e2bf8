"""The activity and the behaviour of one animal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from indl_vae.errors import DataError


@dataclass(frozen=True, eq=False)
class WormRecording:
    """One animal: its neurons' activity, its behaviour, and which neurons have been identified.

    NaN says "not recorded": it becomes 0 under a mask of 0, so that no NaN reaches a network, where NaN times 0 is NaN.

    Attributes:
        uid: Name of the recording.
        x: Activity `(T, N)` float32; 0 where the mask is 0.
        behavior: Behaviour in each frame, `(T, Tb)` float32, in its own units; 0 where its mask is 0.
        identity: `(N,)` int64: 0 = unknown, k from 1 up = label k of the set.
        mask: `(T, N)` float32, 1 = recorded. None: wherever x is a number.
        behavior_mask: `(T, Tb)` float32, 1 = measured. None: wherever the behaviour is a number.
        segments: `(start, stop)` frames of stretches that windows stay within, in order. None: one, the whole
            recording; an empty tuple: no frame is used.
        dt: Seconds from frame to frame, or None where that is unknown.
        extras: Further arrays of the recording by name, kept in files.

    Raises:
        DataError: Shapes do not fit together, a value is infinite, an identity is no whole number from 0 up, or
            segments overlap or leave the recording.
    """

    uid: str
    x: np.ndarray
    behavior: np.ndarray
    identity: np.ndarray
    mask: np.ndarray | None = None
    behavior_mask: np.ndarray | None = None
    segments: Sequence[tuple[int, int]] | None = None
    dt: float | None = None
    extras: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.uid, str) or not self.uid or "/" in self.uid or self.uid in (".", ".."):
            raise DataError(f"uid: {self.uid!r}, expected a name without a slash, such as '2022-06-14-01'.")
        x, mask = _masked(self.uid, "x", self.x, self.mask, "(frames, neurons)")
        behavior, measured = _masked(self.uid, "behavior", self.behavior, self.behavior_mask, "(frames, behaviours)")
        if len(behavior) != len(x):
            raise DataError(
                f"{self.uid}: behavior: has {len(behavior)} frames, x has {len(x)}; expected arrays (frames, ...) of "
                "equal length: transpose or cut one of them."
            )
        self._set("x", x)
        self._set("mask", mask)
        self._set("behavior", behavior)
        self._set("behavior_mask", measured)
        self._set("identity", _identity(self.uid, self.identity, x.shape[1]))
        self._set("segments", _segments(self.uid, self.segments, len(x)))
        self._set("dt", _seconds(self.uid, self.dt))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        labeled = int((self.identity > 0).sum())
        return f"WormRecording({self.uid}: {self.n_frames} frames x {self.n_neurons} neurons, {labeled} labelled)"

    @property
    def n_frames(self) -> int:
        """Number of frames T."""
        return self.x.shape[0]

    @property
    def n_neurons(self) -> int:
        """Number of neurons N."""
        return self.x.shape[1]

    @property
    def in_segments(self) -> np.ndarray:
        """`(T,)` bool: frames that lie in a segment."""
        inside = np.zeros(self.n_frames, bool)
        for start, stop in self.segments:
            inside[start:stop] = True
        return inside


def _masked(
    uid: str, name: str, values: np.ndarray, mask: np.ndarray | None, axes: str
) -> tuple[np.ndarray, np.ndarray]:
    """Returns values without NaN, and the mask that says where they count, both float32."""
    values = np.asarray(values)
    if values.ndim != 2 or values.dtype.kind not in "biuf" or values.size == 0:
        raise DataError(
            f"{uid}: {name}: has shape {values.shape} and type {values.dtype}, expected numbers {axes}, at least one."
        )
    seen = np.ones(values.shape, bool) if mask is None else np.asarray(mask)
    if seen.shape != values.shape:
        raise DataError(f"{uid}: mask of {name}: has shape {seen.shape}, expected that of {name}, {values.shape}.")
    if not np.isin(seen, (0, 1)).all():
        raise DataError(f"{uid}: mask of {name}: expected 1 where there is a value and 0 elsewhere; round it.")
    seen = seen.astype(bool) & ~np.isnan(values)
    wrong = np.argwhere(seen & np.isinf(values))
    if len(wrong):
        frame, column = wrong[0].tolist()
        raise DataError(
            f"{uid}: {name}: is infinite in frame {frame}, column {column}; expected numbers, or NaN for no value."
        )
    return np.where(seen, values, 0.0).astype(np.float32), seen.astype(np.float32)


def _identity(uid: str, identity: np.ndarray, n_neurons: int) -> np.ndarray:
    found = np.asarray(identity)
    if found.shape != (n_neurons,):
        raise DataError(
            f"{uid}: identity: has shape {found.shape}, expected ({n_neurons},): one number for each neuron of x."
        )
    if found.dtype.kind not in "biuf" or (found != np.floor(found)).any() or (found < 0).any():
        raise DataError(f"{uid}: identity: expected whole numbers, 0 for unknown and k from 1 up for label k.")
    return found.astype(np.int64)


def _segments(uid: str, segments: Sequence[tuple[int, int]] | None, n_frames: int) -> tuple[tuple[int, int], ...]:
    if segments is None:
        return ((0, n_frames),)
    found, end = tuple((int(start), int(stop)) for start, stop in segments), 0
    for start, stop in found:
        if not end <= start < stop <= n_frames:
            raise DataError(
                f"{uid}: segments: {found}, expected (start, stop), start < stop, in order, without overlap, within "
                f"the {n_frames} frames (frames count from 0, stop is not included)."
            )
        end = stop
    return found


def _seconds(uid: str, dt: float | None) -> float | None:
    if dt is not None and not (math.isfinite(dt) and dt > 0):
        raise DataError(f"{uid}: dt: {dt!r}, expected the seconds from frame to frame, above 0, or None.")
    return None if dt is None else float(dt)
