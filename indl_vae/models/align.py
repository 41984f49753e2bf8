"""First weights of the sessions' read-ins and read-outs, from matrices that align the sessions."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np

from indl_vae.data.alignment import Alignment, align_datasets
from indl_vae.data.dataset import Dataset
from indl_vae.params import OutputGroup, Params, SessionsGroup, narrow

_COUNTS = ("poisson", "negative_binomial")
#: Levels have no mean to start from: their thresholds, or logits, say how often each occurs.
_LEVELS = ("ordinal", "categorical")
#: Counts per bin below which a channel's mean is not told from 0.
_LEAST_MEAN = 1e-3


def align(core: keras.Model, params: Params, dataset: Dataset) -> None:
    """Sets the sessions' read-ins to `(x - bias) @ matrix` and their read-outs to the way back.

    Read-outs start at the channels' means, those of levels at 0. Read-ins and kernels of sessions without a matrix stay
    random, and so do kernels of read-outs of classes, or where the matrix has another width than the factors; nothing
    happens to models without read-ins of sessions.

    Args:
        core: The model's core.
        params: Reads `alignment`, `read_out_start`, `likelihood`.
        dataset: The data that the model is built for.

    Raises:
        DataError: As `align_datasets`.
    """
    group = narrow(SessionsGroup, params)
    layers = {layer.name: layer for layer in core.layers}
    read_in, readout = layers.get("read_in"), layers["readout"]
    if not hasattr(read_in, "kernels"):
        return
    likelihood = narrow(OutputGroup, params).likelihood
    if likelihood not in _LEVELS:
        for number, means in _channel_means(dataset).items():
            _assign_first(readout.biases[number], _link(likelihood, means))
    for number, one in _alignments(group.alignment, dataset, read_in.units).items():
        read_in.kernels[number].assign(one.matrix)
        read_in.biases[number].assign(-one.bias @ one.matrix)
        back = _way_back(group.read_out_start, one.matrix)
        if back is not None and likelihood != "categorical" and back.shape[0] == readout.kernels[number].shape[0]:
            _assign_first(readout.kernels[number], back)


def _channel_means(dataset: Dataset) -> dict[int, np.ndarray]:
    """Returns the mean of each channel of the observed training data, by the number of the session in the model."""
    names = [place.name for place in dataset.places] or [""]
    means = {}
    for name, part in (dict(dataset.parts) or {"": dataset}).items():
        mask = np.ones_like(part.train.x) if part.train.mask is None else part.train.mask
        total, count = (part.train.x * mask).sum((0, 1), dtype=np.float64), mask.sum((0, 1), dtype=np.float64)
        means[names.index(name)] = (total / np.maximum(count, 1.0)).astype(np.float32)
    return means


def _alignments(choice: str, dataset: Dataset, width: int) -> dict[int, Alignment]:
    """Returns alignments by the number of the session in the model."""
    parts = dict(dataset.parts) or {"": dataset}
    names = [place.name for place in dataset.places] or [""]
    if choice == "pcr":
        found = align_datasets(parts, width)
    elif choice == "file":
        found = {name: given for name, part in parts.items() if (given := _of_file(part.alignment)) is not None}
    else:
        found = {}
    return {names.index(name): one for name, one in found.items()}


def _of_file(arrays: Mapping[str, np.ndarray]) -> Alignment | None:
    """Returns what a file gives: keys of the first LFADS, else those of lfads-torch."""
    for matrix, bias in (("alignment_matrix_cxf", "alignment_bias_c"), ("readin_weight", "readout_bias")):
        if matrix in arrays:
            return Alignment(arrays[matrix], arrays.get(bias, np.zeros(len(arrays[matrix]), np.float32)))
    return None


def _way_back(choice: str, matrix: np.ndarray) -> np.ndarray | None:
    if choice == "random":
        return None
    return np.linalg.pinv(matrix) if choice == "pinv" else matrix.T


def _link(likelihood: str, means: np.ndarray) -> np.ndarray:
    """Returns the pre-activations that give these means: log-rates of counts, where published codes take the means."""
    return np.log(np.maximum(means, _LEAST_MEAN)) if likelihood in _COUNTS else means


def _assign_first(variable: keras.Variable, values: np.ndarray) -> None:
    """Sets the weights of each channel's first parameter: the mean, or what it is made of."""
    whole = variable.numpy()
    whole[..., : values.shape[-1]] = values
    variable.assign(whole)
