"""A model of several sessions as a model of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.sessions import arrange_sessions
from indl_vae.data.split import Split
from indl_vae.typing import DataSpec

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE
    from indl_vae.params import Params

#: Arrays whose last axis is that of the channels.
_OVER_CHANNELS = ("x", "mask", "visible", "truth")


class SessionView:
    """What a model infers of one of its sessions, in that session's own channels.

    Args:
        model: A model of several sessions.
        number: Number of the session in it.
    """

    def __init__(self, model: SequentialVAE, number: int) -> None:
        self.model, self.number = model, number

    def __repr__(self) -> str:
        place = self.model.spec.sessions[self.number]
        return f"SessionView({place.name}: {place.n_channels} channels)"

    @property
    def params(self) -> Params:
        """Those of the model."""
        return self.model.params

    @property
    def spec(self) -> DataSpec:
        """What the model knows of the session's data."""
        return replace(self.model.spec, n_channels=self.model.spec.sessions[self.number].n_channels, sessions=())

    def posterior(self, data: Any, **options: Any) -> dict[str, np.ndarray]:
        """Averages over posterior samples; as `SequentialVAE.posterior`, `(B, T, N)` with the session's N."""
        arrays = self.model.posterior(self.widened(data), **options)
        return {**arrays, "rates": arrays["rates"][..., : self.spec.n_channels]}

    def bounds(self, data: Any, **options: Any) -> dict[str, np.ndarray]:
        """Lower bounds of each trial's log-evidence; as `SequentialVAE.bounds`."""
        return self.model.bounds(self.widened(data), **options)

    def widened(self, data: Any) -> dict[str, np.ndarray]:
        """Returns data of the session, an array, dict or split, as a batch of the model."""
        batch = data.batch() if hasattr(data, "batch") else data
        batch = dict(batch) if isinstance(batch, Mapping) else {"x": batch}
        x = np.asarray(batch["x"])
        mask = np.ones_like(x) if batch.get("mask") is None else np.asarray(batch["mask"])
        batch["mask"] = mask if mask.ndim == x.ndim else np.broadcast_to(mask[..., None], x.shape)
        room = [(0, 0), (0, 0), (0, self.model.spec.n_channels - x.shape[-1])]
        wide = {name: np.pad(value, room) if name in _OVER_CHANNELS else value for name, value in batch.items()}
        return {**wide, "session": np.full(len(x), self.number, np.float32)}


def by_session(
    dataset: Dataset, split: Split, arrays: Mapping[str, np.ndarray], over_channels: tuple[str, ...] = ("rates",)
) -> dict[str, dict[str, np.ndarray]]:
    """Returns what a model inferred of a split by the name of the session, in each session's own bins and channels.

    Args:
        dataset: The data, arranged as the model takes them.
        split: One of its splits, or some of its trials.
        arrays: Of the model for it, trials first.
        over_channels: Names of those whose last axis is that of the channels, in one chunk `(B, T, N)` or in several,
            `(B, T, K N)`.
    """
    if split.session is None:
        return {"": dict(arrays)}
    found = {}
    for number, place in enumerate(dataset.places):
        rows = split.session == number
        if rows.any():
            n_bins = dataset.parts[place.name].splits[split.name].n_bins
            part = {name: _within(value[rows], split.n_bins, n_bins) for name, value in arrays.items()}
            own = {name: _own_channels(part[name], split.n_channels, place.n_channels) for name in over_channels}
            found[place.name] = {**part, **own}
    return found


def _own_channels(values: np.ndarray, n_channels: int, own: int) -> np.ndarray:
    """Returns each chunk of N channels cut to a session's own."""
    chunked = values.reshape(*values.shape[:-1], -1, n_channels)[..., :own]
    return chunked.reshape(*values.shape[:-1], -1)


def _within(values: np.ndarray, n_bins: int, own_bins: int) -> np.ndarray:
    """Returns values cut to a session's own bins, where they have an axis of time."""
    return values[:, :own_bins] if values.ndim == 3 and values.shape[1] == n_bins else values


def session_views(model: Any, dataset: Dataset) -> dict[str, tuple[Any, Dataset]]:
    """Returns each session of a data set with the model as a model of it, by the name of the session.

    A data set without sessions, for a model without them, is the one session "".

    Raises:
        DataError: A session is none of the model's, or has other channels there.
    """
    places = getattr(getattr(model, "spec", None), "sessions", ())
    if len(places) < 2:
        return {"": (model, dataset)}
    arranged = arrange_sessions(dataset, places)
    numbers = {place.name: number for number, place in enumerate(places)}
    return {name: (SessionView(model, numbers[name]), part) for name, part in arranged.parts.items()}
