"""Reads a folder of the lab's files, one for each animal, and the file of their labels."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.data.worms.behaviors import DEFAULT_BEHAVIORS, SIGNED_BY_SIDE, behavior_names, behavior_scales
from indl_vae.data.worms.identify import identify
from indl_vae.data.worms.lab_file import SUFFIX, read_lab_file
from indl_vae.data.worms.neuron_labels import MIN_CONFIDENCE, trusted_labels
from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.worm_set import WormSet
from indl_vae.errors import DataError


def load_lab_worms(
    folder: str | os.PathLike[str],
    labels_path: str | os.PathLike[str] | None = None,
    *,
    trace: str = "trace_array",
    behaviors: Sequence[str] = DEFAULT_BEHAVIORS,
    min_confidence: float = MIN_CONFIDENCE,
    labels: Sequence[str] | None = None,
    theta_h_pos_is_ventral: Mapping[str, bool] | None = None,
) -> WormSet:
    """Reads every `<uid>-data.h5` of a folder (Atanas et al. 2023).

    Args:
        folder: The folder.
        labels_path: JSON file of labels, `data.<uid>.roi_to_neuron.<trace from 1>`; None leaves all neurons unknown.
        trace: Array of activity: trace_array, trace_array_original, traces_array_F_F20 or traces_array_F_Fmean.
        behaviors: velocity, head_angle, pumping, angular_velocity, worm_curvature or reversal_vec.
        min_confidence: Labels below this are unknown; see `trusted_labels` for the others that are.
        labels: The list to count labels in, such as that of a trained model; None takes those found.
        theta_h_pos_is_ventral: By uid, whether a positive head angle is ventral; where it is, head_angle and
            angular_velocity change their signs.

    Returns:
        The animals in the order of their uids. Behaviours are divided by the published deviations, those without one
        by their deviation in these recordings.

    Raises:
        ConfigError: There is no such array of activity or behaviour.
        DataError: There is no file, or one is cut short or not of this form.
    """
    names, folder = behavior_names(behaviors), Path(folder)
    files = sorted(folder.glob(f"*{SUFFIX}"))
    if not files:
        raise DataError(f"{folder}: no file *{SUFFIX}, expected a folder with one for each animal.")
    recordings = [read_lab_file(file, trace, names) for file in files]
    turned = [_turned(one, names, bool((theta_h_pos_is_ventral or {}).get(one.uid))) for one in recordings]
    entries = {} if labels_path is None else read_label_file(labels_path)
    found = {
        one.uid: trusted_labels(entries[one.uid], one.n_neurons, f"{labels_path}: {one.uid}", min_confidence)
        for one in turned
        if one.uid in entries
    }
    numbered, labels = identify(turned, found, labels)
    return WormSet.of(numbered, labels, names, behavior_scales(names, numbered))


def read_label_file(path: str | os.PathLike[str]) -> dict[str, Mapping[str, Any]]:
    """Returns the entries `roi_to_neuron` of a file of labels by uid, not judged yet.

    Raises:
        DataError: The file is missing, no JSON, or not of this form.
    """
    content = read_json(path)
    animals = content.get("data")
    if not isinstance(animals, dict) or not all(isinstance(one, dict) for one in animals.values()):
        raise DataError(f"{path}: expected {{'data': {{<uid>: {{'roi_to_neuron': ...}}}}}}; is it the file of labels?")
    return {uid: one["roi_to_neuron"] for uid, one in animals.items() if "roi_to_neuron" in one}


def read_json(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Returns the object that a JSON file holds.

    Raises:
        DataError: The file is missing, no JSON, or holds something else.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: cannot be read as JSON ({str(error)[:200]}); copy the file again.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: holds a {type(content).__name__}, expected a JSON object.")
    return content


def _turned(recording: WormRecording, names: Sequence[str], turn: bool) -> WormRecording:
    sign = np.array([-1.0 if turn and name in SIGNED_BY_SIDE else 1.0 for name in names])
    return replace(recording, behavior=recording.behavior * sign)
