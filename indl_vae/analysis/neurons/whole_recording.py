"""Latents and neurons' values of a recording of any length, from windows that overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis.neurons.found import BATCH, identity_of, latents_of, values_of
from indl_vae.analysis.neurons.join import covering_starts, join_windows
from indl_vae.data.worms import WormSet
from indl_vae.errors import DataError


class WholeRecording(NamedTuple):
    """What a model finds of a whole recording; NaN in frames outside of all segments.

    Attributes:
        latents: `(T, L)`: means.
        scale: `(T, L)`: deviations, from the mean of the windows' variances. That windows may disagree about a mean
            is not part of it.
        values: `(T, M)`: expected values of the neurons that were asked for.
        identities: `(M,)`: which these are.
        starts: First frame of each window.
    """

    latents: np.ndarray
    scale: np.ndarray
    values: np.ndarray
    identities: np.ndarray
    starts: np.ndarray


def whole_recording(
    model: Any,
    x: np.ndarray,
    mask: np.ndarray | None = None,
    behavior: np.ndarray | None = None,
    identity: np.ndarray | None = None,
    *,
    window_T: int = 200,
    stride: int | None = None,
    identities: Sequence[int] | None = None,
    segments: Sequence[tuple[int, int]] | None = None,
    batch_size: int = BATCH,
) -> WholeRecording:
    """Reads a recording in windows and joins what the model says of each; nothing is padded and nothing drawn.

    Args:
        model: A trained model that has `impute`.
        x: Activity `(T, N)`, at most as many neurons as the model was built with. See `worm_arrays`.
        mask: `(T, N)`, 1 = recorded; None for all.
        behavior: `(T, U)`, as the model was trained with it, for a model with one.
        identity: `(N,)`: the neurons' identities; None for 1, 2, ... N.
        window_T: Frames of a window; a shorter segment is read as one window.
        stride: Frames from window to window, at most `window_T`; half of it by default (None).
        identities: Identities that are asked for; those of the recording by default.
        segments: `(start, stop)` of stretches that windows stay within; None for the whole.
        batch_size: Windows at once.

    Raises:
        ConfigError: `stride` leaves frames out, or a behaviour is needed.
        DataError: Shapes do not go together, or there are more neurons than the model has channels.
    """
    arrays = _arrays(model, x, mask, behavior, identity)
    n_frames, n_neurons = np.shape(x)
    own = identity_of({"x": arrays["x"][None], "identity": arrays["identity"][None]})[0, :n_neurons]
    asked = own if identities is None else np.asarray(identities, np.int64)
    parts, step = _segments(segments, n_frames), max(1, window_T // 2) if stride is None else stride
    starts, joined = [], []
    for start, stop in parts:
        length = min(window_T, stop - start)
        first = covering_starts(start, stop, length, step if length == window_T else min(step, length))
        joined.append(join_windows(_of_windows(model, arrays, first, length, asked, batch_size), first, n_frames))
        starts.append(first)
    whole = joined[0]
    for part in joined[1:]:
        whole = np.where(np.isnan(part), whole, part)
    size = (whole.shape[1] - len(asked)) // 2
    latents, variance, values = np.split(whole, [size, 2 * size], axis=1)
    return WholeRecording(latents, np.sqrt(variance), values, asked, np.concatenate(starts))


def worm_arrays(worms: WormSet, uid: str, *, ignore_unlabeled: bool = True) -> dict[str, Any]:
    """Returns x, mask, behavior, identity and segments of an animal, as `whole_recording` takes them.

    Args:
        worms: The animals; behaviour is divided by their divisors.
        uid: Which one.
        ignore_unlabeled: Whether neurons of identity 0 are left out, as in windows of `cut_worms`.
    """
    recording = worms.take([uid]).recordings[uid]
    kept = recording.identity > 0 if ignore_unlabeled else np.ones(recording.n_neurons, bool)
    return {
        "x": recording.x[:, kept],
        "mask": recording.mask[:, kept],
        "behavior": worms.scaled_behavior(uid),
        "identity": recording.identity[kept],
        "segments": recording.segments,
    }


def _segments(segments: Sequence[tuple[int, int]] | None, n_frames: int) -> Sequence[tuple[int, int]]:
    found = ((0, n_frames),) if segments is None else tuple(segments)
    if not found or any(not 0 <= start < stop <= n_frames for start, stop in found):
        raise DataError(
            f"segments: expected pairs (start, stop) of frames, start < stop <= {n_frames}, at least one, got {found}."
        )
    return found


def _arrays(model: Any, x: Any, mask: Any, behavior: Any, identity: Any) -> dict[str, np.ndarray]:
    """Returns the arrays of a recording with as many channels as the model has; those added are not recorded."""
    x = np.asarray(x, np.float32)
    if x.ndim != 2 or x.shape[1] > model.spec.n_channels:
        raise DataError(
            f"x: expected an array (frames, at most {model.spec.n_channels} neurons), got shape {x.shape}; the model "
            "was built for that many. Leave out neurons, or train with wider windows."
        )
    n_frames, n = x.shape
    named = np.arange(1, n + 1) if identity is None else np.asarray(identity)
    seen = np.isfinite(x) if mask is None else np.asarray(mask) > 0
    for name, array, shape in (("mask", seen, (n_frames, n)), ("identity", named, (n,))):
        if array.shape != shape:
            raise DataError(f"{name}: expected shape {shape} to go with x, got {array.shape}.")
    if behavior is not None and (np.ndim(behavior) != 2 or len(behavior) != n_frames):
        raise DataError(f"behavior: expected shape ({n_frames}, behaviours), got {np.shape(behavior)}.")
    more = [(0, 0), (0, model.spec.n_channels - n)]
    arrays = {
        "x": np.pad(np.where(seen, x, 0.0).astype(np.float32), more),
        "mask": np.pad(seen.astype(np.float32), more),
        "identity": np.pad(named.astype(np.int64), more[1]),
    }
    return arrays if behavior is None else {**arrays, "ext_input": np.asarray(behavior, np.float32)}


def _of_windows(
    model: Any, arrays: Mapping[str, np.ndarray], starts: np.ndarray, length: int, asked: np.ndarray, batch_size: int
) -> np.ndarray:
    """Returns latents' means, their variances and neurons' values side by side, `(W, length, 2 L + M)`."""
    frames = starts[:, None] + np.arange(length)
    windows = {key: array[frames] for key, array in arrays.items() if key != "identity"}
    windows["identity"] = np.broadcast_to(arrays["identity"], (len(starts), len(arrays["identity"])))
    found = latents_of(model, windows, batch_size)
    values = values_of(model, found["loc"], windows.get("ext_input"), asked, batch_size)
    return np.concatenate([found["loc"], found["scale"].astype(np.float64) ** 2, values], -1)
