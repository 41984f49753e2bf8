"""One split of a data set: the trials that are trained on, validated on or tested on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from indl_vae.data.batch import BATCH_KEYS

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True, eq=False)
class Split:
    """Trials of one session, checked and ready to be fed.

    Attributes:
        name: "train", "valid" or "test".
        x: Counts (or values) per bin, `(B, T, N)` float32; 0 where the mask is 0.
        mask: `(B, T, N)` float32, 1 = observed, or None when everything is.
        truth: Expected counts per bin, `(B, T, N)` float32, or None when unknown.
        ext_input: Measured external input, `(B, T, U)` float32, or None.
        condition: Condition number of each trial, `(B,)` int64, or None.
        behavior: Behaviour in each bin, `(B, T, C)` float32 (NaN where not measured), or None.
        inds: Number of each trial in the recording, `(B,)` int64.
        lengths: Bins of each trial that are not padding, `(B,)` int64, or None.
        session: Number of each trial's session, `(B,)` int64, or None where there is but one.
        sequence: Number of each trial's sequence among those of the training split, `(B,)` int64, -1 for others; None
            where there are no sequence ids.
        identity: Number of each channel's identity, `(B, N)` int64, 0 where unknown; None where channels are the
            same in all trials.
        extras: Further arrays by name: sequence_id, start (first bin in the recording), static_label, dynamic_label,
            latent, input_truth, messages.
    """

    name: str
    x: np.ndarray
    mask: np.ndarray | None = None
    truth: np.ndarray | None = None
    ext_input: np.ndarray | None = None
    condition: np.ndarray | None = None
    behavior: np.ndarray | None = None
    inds: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    lengths: np.ndarray | None = None
    session: np.ndarray | None = None
    sequence: np.ndarray | None = None
    identity: np.ndarray | None = None
    extras: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.inds) == 0:
            object.__setattr__(self, "inds", np.arange(self.n_trials, dtype=np.int64))

    def __repr__(self) -> str:
        present = [key for key in ("mask", "truth", "ext_input", "condition", "behavior", "lengths", "session")]
        beside = [key for key in present if getattr(self, key) is not None] + sorted(self.extras)
        size = f"{self.n_trials} trials x {self.n_bins} bins x {self.n_channels} channels"
        return f"Split({self.name}: {size}{''.join(f', {name}' for name in beside)})"

    @property
    def n_trials(self) -> int:
        """Number of trials B."""
        return self.x.shape[0]

    @property
    def n_bins(self) -> int:
        """Number of time bins T."""
        return self.x.shape[1]

    @property
    def n_channels(self) -> int:
        """Number of channels N."""
        return self.x.shape[2]

    def take(self, indices: np.ndarray | slice | Sequence[int] | int) -> Split:
        """Returns a split of some of the trials, with everything that belongs to them.

        Args:
            indices: Positions of the trials in this split, in the order wanted; a slice; a `(B,)` boolean mask; or one
                position.

        Raises:
            IndexError: A position lies outside of the split.
        """
        rows = np.atleast_1d(np.arange(self.n_trials)[indices])
        arrays = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in ("name", "extras")}
        chosen = {name: None if array is None else array[rows] for name, array in arrays.items()}
        return Split(name=self.name, extras={name: array[rows] for name, array in self.extras.items()}, **chosen)

    def batch(self, indices: np.ndarray | slice = slice(None)) -> dict[str, np.ndarray]:
        """Returns the model's inputs for some trials.

        Args:
            indices: Positions of the trials in this split; all of them by default.

        Returns:
            Those of x, mask, truth, ext_input, session, sequence and identity that there are.
        """
        arrays = {key: getattr(self, key, None) for key in BATCH_KEYS}
        return {key: value[indices] for key, value in arrays.items() if value is not None}

    def batches(
        self,
        batch_size: int,
        seed: int = 0,
        shuffle: bool | None = None,
        drop_remainder: bool = False,
        hidden_rate: float = 0.0,
        hidden_seed: int = 0,
    ) -> tf.data.Dataset:
        """Returns the split as a tf.data.Dataset of batches; loads TensorFlow.

        See `indl_vae.data.pipeline.make_batches` for the arguments, the order of the trials and the attribute `clock`.
        """
        from indl_vae.data.pipeline import make_batches

        return make_batches(self, batch_size, seed, shuffle, drop_remainder, hidden_rate, hidden_seed)

    def info(self) -> dict[str, Any]:
        """Returns sizes and contents as plain values for a JSON file."""
        observed = 1.0 if self.mask is None else float(self.mask.mean(dtype=np.float64))
        present = [key for key in ("truth", "ext_input", "condition", "behavior") if getattr(self, key) is not None]
        return {
            "n_trials": self.n_trials,
            "n_bins": self.n_bins,
            "n_channels": self.n_channels,
            "observed_share": observed,
            "mean_per_bin": float(self.x.mean(dtype=np.float64) / observed) if observed else 0.0,
            "also": [*present, *sorted(self.extras)],
        }
