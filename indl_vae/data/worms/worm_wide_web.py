"""Reads the JSON files of wormwideweb.org, one for each animal, in their older and their newer form."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.data.worms.behaviors import DEFAULT_BEHAVIORS, WEB_NAMES, behavior_names, behavior_scales
from indl_vae.data.worms.frame_ranges import segments_from_ranges
from indl_vae.data.worms.identify import identify
from indl_vae.data.worms.lab_layout import read_json
from indl_vae.data.worms.neuron_labels import MIN_CONFIDENCE, trusted_labels
from indl_vae.data.worms.orientation import time_first
from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.worm_set import WormSet
from indl_vae.errors import ConfigError, DataError

#: Parts of the newer form, each with some of the entries of the older one.
_PARTS = ("metadata", "timing", "behavior", "gcamp", "label")
#: Arrays of activity, and whether time is their last axis: `(N, T)` and `(T, N)`.
_TRACES = {"trace_array": True, "trace_original": False}


def load_worm_wide_web(
    files: Sequence[str | os.PathLike[str]],
    *,
    trace: str = "trace_array",
    behaviors: Sequence[str] = DEFAULT_BEHAVIORS,
    min_confidence: float = MIN_CONFIDENCE,
    labels: Sequence[str] | None = None,
) -> WormSet:
    """Reads JSON files of WormWideWeb, one for each animal.

    In the newer form the same entries are expected below metadata, timing, behavior, gcamp and label, and the length of
    a frame in seconds. This has been tried on files made to that description only, not on one of the site.

    Args:
        files: The files.
        trace: Array of activity: trace_array (scaled per neuron) or trace_original.
        behaviors: As for `load_lab_worms`, or by the names of these files, such as head_curvature.
        min_confidence: As for `load_lab_worms`.
        labels: As for `load_lab_worms`.

    Returns:
        The animals in the order of the files.

    Raises:
        ConfigError: There is no such array of activity or behaviour.
        DataError: A file is missing, no JSON, or not of this form.
    """
    names = behavior_names(behaviors)
    if trace not in _TRACES:
        raise ConfigError(f"trace: {trace!r}, expected one of {', '.join(_TRACES)}.")
    if not files:
        raise DataError("files: none, expected at least one JSON file.")
    recordings, found = [], {}
    for file in files:
        content = _flat(read_json(file))
        recording = _recording(content, trace, names, Path(file))
        recordings.append(recording)
        place = f"{file}: labeled"
        found[recording.uid] = trusted_labels(content.get("labeled", {}), recording.n_neurons, place, min_confidence)
    numbered, labels = identify(recordings, found, labels)
    return WormSet.of(numbered, labels, names, behavior_scales(names, numbered))


def _recording(content: dict[str, Any], trace: str, names: Sequence[str], path: Path) -> WormRecording:
    missing = [key for key in ("uid", "timestamp_confocal", trace) if key not in content]
    if missing:
        raise DataError(f"{path}: has no {', '.join(missing)}, expected a file of WormWideWeb.")
    time = _numbers(content["timestamp_confocal"], path, "timestamp_confocal").reshape(-1)
    n = len(time)
    x = time_first(_numbers(content[trace], path, trace), n, None, f"{path}: {trace}", _TRACES[trace])
    columns = [_behavior(content, WEB_NAMES[name], n, path) for name in names]
    segments = _segments(content["ranges"], n, path) if content.get("ranges") else None
    dt = _seconds(content, path)
    nobody = np.zeros(x.shape[1], np.int64)
    try:
        return WormRecording(
            str(content["uid"]), x, np.stack(columns, 1), nobody, segments=segments, dt=dt, extras={"time": time}
        )
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _flat(content: dict[str, Any]) -> dict[str, Any]:
    """Returns the entries of the parts of a file in the newer form beside one another, as the older form has them."""
    parts = {name: content[name] for name in _PARTS if isinstance(content.get(name), dict)}
    if not parts:
        return content
    flat = {**content}
    for name, part in parts.items():
        flat |= {"labeled": part.get("labeled", part)} if name == "label" else part
    return flat


def _seconds(content: dict[str, Any], path: Path) -> float | None:
    """Returns the length of a frame; the older form has it in minutes, as avg_timestep, the newer one in seconds."""
    for name, unit in (("mean_timestep", 1.0), ("avg_timestep", 60.0)):
        if content.get(name) is not None:
            return unit * float(_numbers([content[name]], path, name)[0])
    return None


def _behavior(content: dict[str, Any], name: str, n_frames: int, path: Path) -> np.ndarray:
    if content.get(name) is None:
        return np.full(n_frames, np.nan)
    found = _numbers(content[name], path, name).reshape(-1)
    if len(found) != n_frames:
        raise DataError(f"{path}: {name}: has {len(found)} values, expected one for each of {n_frames} frames.")
    return found


def _segments(ranges: Any, n_frames: int, path: Path) -> tuple[tuple[int, int], ...]:
    """Returns segments of ranges that are written as their first and last frame, or as all of their frames."""
    if not isinstance(ranges, list) or not all(isinstance(one, list) and one for one in ranges):
        raise DataError(f"{path}: ranges: expected a list of lists of frames, got {str(ranges)[:80]}.")
    ends = _numbers([(one[0], one[-1]) for one in ranges], path, "ranges")
    return segments_from_ranges(ends, n_frames, f"{path}: ranges")


def _numbers(values: Any, path: Path, name: str) -> np.ndarray:
    """Returns numbers as an array; null is NaN."""
    try:
        return np.array(values, np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}: {name}: {error}; expected a regular array of numbers.") from error
