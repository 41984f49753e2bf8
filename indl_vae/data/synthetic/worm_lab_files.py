"""Writes made worms as the lab's files, with labels as uncertain as the lab's are."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.data.hdf5_write import write_hdf5
from indl_vae.data.synthetic.worms import Worms
from indl_vae.data.worms.lab_file import SUFFIX
from indl_vae.data.worms.recording import WormRecording

#: Name of the file of labels.
LABEL_FILE = "neuropal_label.json"


def write_lab_files(
    made: Worms, folder: str | os.PathLike[str], seed: int = 0, without_pumping: Collection[str] = ()
) -> Path:
    """Writes `<uid>-data.h5` for each animal, and the JSON file of their labels beside them.

    Matrices look from Python as those that Julia writes: time first, ranges of frames as columns. Traces and frames
    count from 1. Neurons without a label have none in the JSON file, or one of low confidence, one whose side is not
    known, several alternatives, or one that another neuron has with higher confidence; so `load_lab_worms` finds the
    identities that the recordings have.

    Args:
        made: The worms.
        folder: Where to write.
        seed: Of what uncertain labels look like.
        without_pumping: Uids of animals whose files lack the pumping.

    Returns:
        Path of the file of labels.

    Raises:
        DataError: A file cannot be written.
    """
    folder, rng, animals = Path(folder), np.random.default_rng(seed), {}
    for uid, recording in made.worms.recordings.items():
        arrays = _arrays(recording)
        if uid in without_pumping:
            del arrays["behavior/pumping"]
        write_hdf5(arrays, folder / f"{uid}{SUFFIX}", {})
        animals[uid] = {"roi_to_neuron": _entries(rng, recording, made.true_identity[uid], made.worms.labels)}
    path = folder / LABEL_FILE
    path.write_text(json.dumps({"data": animals}), encoding="utf-8")
    return path


def _arrays(recording: WormRecording) -> dict[str, np.ndarray]:
    velocity, head, pumping = recording.behavior.T
    ranges = np.array([(start + 1, stop) for start, stop in recording.segments], np.int64)
    ratio = 1.0 + 0.2 * recording.x
    return {
        "gcamp/trace_array": recording.x,
        "gcamp/trace_array_original": ratio,
        "gcamp/traces_array_F_F20": ratio / np.percentile(ratio, 20, axis=0),
        "gcamp/traces_array_F_Fmean": ratio / ratio.mean(0),
        "gcamp/idx_splits": ranges.T,
        "behavior/velocity": velocity,
        "behavior/head_angle": head,
        "behavior/pumping": pumping,
        "behavior/reversal_vec": (velocity < 0).astype(np.int64),
        "timing/timestamp_confocal": np.asarray(recording.extras["time"], np.float64),
    }


def _entries(
    rng: np.random.Generator, recording: WormRecording, true_identity: np.ndarray, labels: tuple[str, ...]
) -> dict[str, Any]:
    """Returns what the JSON file says of an animal's traces, by number from 1."""
    known, entries = recording.identity[recording.identity > 0], {}
    for neuron, (identity, true) in enumerate(zip(recording.identity, true_identity, strict=True)):
        name, kind = labels[true], neuron % 5
        if identity > 0:
            entry = [_entry(labels[identity], neuron, float(rng.choice([3.5, 4.0, 4.5, 5.0])))]
        elif kind == 0:
            entry = [_entry(name, neuron, float(rng.choice([1.0, 2.0, 2.5])))]
        elif kind == 1:
            entry = [_entry(f"{name}?", neuron, 4.0)]
        elif kind == 2:
            entry = [_entry(name, neuron, 4.0), _entry(labels[rng.integers(1, len(labels))], neuron, 3.0)]
        elif kind == 3 and len(known):
            entry = [_entry(labels[rng.choice(known)], neuron, 3.0)]
        else:
            continue
        entries[str(neuron + 1)] = entry if neuron % 2 else (entry[0] if len(entry) == 1 else entry)
    return entries


def _entry(label: str, neuron: int, confidence: float) -> dict[str, Any]:
    return {"label": label, "neuron_class": label.rstrip("?"), "roi_id": [neuron + 1], "confidence": confidence}
