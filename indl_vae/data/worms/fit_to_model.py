"""Brings recordings of other worms into the form that a trained model knows."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.split import Split
from indl_vae.data.worms.worm_channels import WormChannels
from indl_vae.errors import DataError


def fit_to_model(dataset: Dataset, known: WormChannels, n_channels: int) -> Dataset:
    """Returns a data set of worms with a model's numbers of identities, units of behaviour and number of channels.

    Args:
        dataset: Of worms; another is returned as it is.
        known: Of the data that the model was trained on.
        n_channels: The model's number of channels, to which the data are padded.

    Returns:
        The data set; neurons of labels that the model does not know are unknown, and a warning names these labels.

    Raises:
        DataError: An animal has more channels than the model, or the behaviours are not the model's.
    """
    worms, found = dataset.worms, dataset.spec.n_channels
    if worms is None:
        return dataset
    if worms.behavior_names != known.behavior_names:
        raise DataError(
            f"{dataset.source}: has the behaviours {', '.join(worms.behavior_names)}, the model was trained with "
            f"{', '.join(known.behavior_names)}; give these, in this order."
        )
    if found > n_channels:
        raise DataError(
            f"{dataset.source}: has {found} channels, the most that an animal has neurons; the model was trained with "
            f"at most {n_channels}. Leave neurons out (identity 0), or train on the larger animals too."
        )
    numbers = _numbers(worms.labels, known.labels, dataset)
    factor = (worms.behavior_divisor / known.behavior_divisor).astype(np.float32)
    splits = {name: _fitted(split, numbers, factor, n_channels) for name, split in dataset.splits.items()}
    kept = replace(worms, labels=known.labels, behavior_divisor=known.behavior_divisor)
    return replace(dataset, **splits, worms=kept)


def _numbers(own: Sequence[str], known: Sequence[str], dataset: Dataset) -> np.ndarray:
    """Returns the model's number of each of the data's labels, 0 for those that it does not know."""
    number = {label: i for i, label in enumerate(known)}
    used = np.unique(np.concatenate([split.identity.ravel() for split in dataset.splits.values()]))
    strangers = [own[i] for i in used if own[i] not in number]
    if strangers:
        warnings.warn(
            f"{dataset.source}: labels that the model does not know, taken as unknown: {', '.join(strangers)}.",
            UserWarning,
            stacklevel=4,
        )
    return np.array([number.get(label, 0) for label in own], np.int64)


def _fitted(split: Split, numbers: np.ndarray, factor: np.ndarray, n_channels: int) -> Split:
    room = n_channels - split.n_channels
    mask = np.ones_like(split.x) if split.mask is None else split.mask
    x, mask = (np.pad(array, [(0, 0), (0, 0), (0, room)]) for array in (split.x, mask))
    identity = np.pad(numbers[split.identity], [(0, 0), (0, room)])
    return replace(split, x=x, mask=mask, identity=identity, ext_input=split.ext_input * factor)
