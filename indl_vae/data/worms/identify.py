"""Gives the neurons of several animals the numbers of one list of labels."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.worm_set import UNKNOWN


def identify(
    recordings: Sequence[WormRecording],
    found: Mapping[str, Mapping[int, str]],
    labels: Sequence[str] | None = None,
) -> tuple[list[WormRecording], tuple[str, ...]]:
    """Returns recordings with identities, and the list of labels that they count in.

    Args:
        recordings: Of any identities.
        found: By uid: the labels of neurons by their number from 0; animals without labels may be missing.
        labels: The list to count in, such as that of a trained model, with or without "unknown" in front; None takes
            all labels found, sorted. Neurons of other labels are unknown, and a warning names these labels.
    """
    present = {label for of_animal in found.values() for label in of_animal.values()}
    names = tuple(sorted(present)) if labels is None else tuple(name for name in labels if name != UNKNOWN)
    number = {name: i for i, name in enumerate((UNKNOWN, *names))}
    strangers = sorted(present - set(number))
    if strangers:
        warnings.warn(f"labels: not in the list, taken as unknown: {', '.join(strangers)}.", UserWarning, stacklevel=3)
    numbered = []
    for recording in recordings:
        identity = np.zeros(recording.n_neurons, np.int64)
        for neuron, label in found.get(recording.uid, {}).items():
            identity[neuron] = number.get(label, 0)
        numbered.append(replace(recording, identity=identity))
    return numbered, (UNKNOWN, *names)
