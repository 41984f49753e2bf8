"""What the channels of a data set of worms are: whose neurons, and in which scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from indl_vae.errors import DataError


@dataclass(frozen=True, eq=False)
class WormChannels:
    """Animals by their numbers (`extras["sequence_id"]`), and the neurons that are each one's channels.

    Attributes:
        uids: Names of the animals; the place is the number.
        labels: Names of the identities; the place is the number, "unknown" is 0.
        behavior_names: Names of the columns of `ext_input`.
        behavior_divisor: `(U,)`: times this, `ext_input` is in the behaviours' own units.
        neurons: By uid, the neuron of the recording that each of the first channels is, `(N_i,)` int64.
        mean: By uid, `(N_i,)` float32: activity is x * std + mean.
        std: By uid, `(N_i,)` float32.
    """

    uids: tuple[str, ...]
    labels: tuple[str, ...]
    behavior_names: tuple[str, ...]
    behavior_divisor: np.ndarray
    neurons: Mapping[str, np.ndarray]
    mean: Mapping[str, np.ndarray]
    std: Mapping[str, np.ndarray]

    def activity(self, animal: int | str, x: np.ndarray) -> np.ndarray:
        """Returns activity of an animal in the units it was recorded in, `(..., N_i)`, padding left out.

        Args:
            animal: Number or uid.
            x: Observations or rates `(..., N)` in the data set's units, N at least the animal's number of channels.

        Raises:
            DataError: There is no such animal, none of its windows is in the data, or x has too few channels.
        """
        uid, x = self._uid(animal), np.asarray(x)
        n = len(self.neurons[uid])
        if x.ndim < 1 or x.shape[-1] < n:
            raise DataError(f"{uid}: x: has shape {x.shape}, expected (..., N) with the {n} channels of the animal.")
        return x[..., :n] * self.std[uid] + self.mean[uid]

    def to_dict(self) -> dict[str, Any]:
        """Returns all of it as plain values, for a JSON file."""
        return {
            "uids": list(self.uids),
            "labels": list(self.labels),
            "behavior_names": list(self.behavior_names),
            "behavior_divisor": np.asarray(self.behavior_divisor, np.float64).tolist(),
            **{
                name: {uid: np.asarray(values).tolist() for uid, values in getattr(self, name).items()}
                for name in ("neurons", "mean", "std")
            },
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> WormChannels:
        """Returns what `to_dict` wrote, such as `run.data_info["scalers"]`.

        Raises:
            DataError: Something is missing, as from the data of another kind.
        """
        missing = [name for name in cls.__dataclass_fields__ if name not in values]
        if missing:
            raise DataError(f"scalers: no {', '.join(missing)}; expected those of a run on recordings of worms.")
        texts = {name: tuple(values[name]) for name in ("uids", "labels", "behavior_names")}
        types = {"neurons": np.int64, "mean": np.float32, "std": np.float32}
        arrays = {name: {uid: np.array(one, kind) for uid, one in values[name].items()} for name, kind in types.items()}
        return cls(**texts, behavior_divisor=np.array(values["behavior_divisor"], np.float32), **arrays)

    def _uid(self, animal: int | str) -> str:
        names = self.uids
        uid = animal if isinstance(animal, str) else (names[animal] if 0 <= animal < len(names) else None)
        if uid not in self.neurons:
            raise DataError(
                f"animal: {animal!r}, expected one with windows in the data: "
                f"{', '.join(f'{names.index(one)} or {one!r}' for one in self.neurons)}."
            )
        return uid
