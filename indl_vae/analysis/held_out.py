"""The parts of the data that a model must predict unseen, and the block of entries that each score is taken over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from indl_vae.data.heldout import encoder_mask
from indl_vae.data.split import Split
from indl_vae.params import resolve_heldout

if TYPE_CHECKING:
    from indl_vae.data.dataset import Dataset


@dataclass(frozen=True)
class HeldOut:
    """Channels and final bins that are kept from the model's encoder.

    Attributes:
        channels: Numbers of the held-out channels.
        bins: Number of bins held out at the end of each trial.
    """

    channels: tuple[int, ...] = ()
    bins: int = 0

    @classmethod
    def from_params(cls, params: Any, dataset: Dataset) -> HeldOut:
        """Reads `heldout_channels` and `heldout_bins` of a Params object or mapping; without them the data file's own.

        Raises:
            ConfigError: If the channels do not exist in the data.
        """
        choice = params.get("heldout_channels")
        choice = dataset.heldout_channels if choice is None else choice
        bins = params.get("heldout_bins") or dataset.heldout_bins
        return cls(resolve_heldout(choice, dataset.spec.n_channels), int(bins))

    def seen_channels(self, n_channels: int) -> np.ndarray:
        """Returns the numbers of the channels that the encoder sees."""
        return np.setdiff1d(np.arange(n_channels), np.asarray(self.channels, dtype=np.int64))

    def n_seen_bins(self, n_bins: int) -> int:
        """Returns the number of bins, from the first, that the encoder sees."""
        return n_bins - self.bins

    def hide(self, split: Split) -> Split:
        """Returns `split` with every held-out count set to 0, so that no model can look at it whatever it does."""
        if not self.channels and not self.bins:
            return split
        return replace(split, x=split.x * self._encoder_mask(split.n_bins, split.n_channels))

    def blocks(self, n_bins: int, n_channels: int) -> dict[str, np.ndarray]:
        """Returns `(T, N)` booleans by block.

        "seen": what the encoder sees; "channels": held-out channels within the seen bins (co-smoothing); "bins": all
        channels in the held-out bins (forward prediction). The three are disjoint and cover everything.
        """
        seen = self._encoder_mask(n_bins, n_channels) > 0
        late = np.zeros((n_bins, n_channels), dtype=bool)
        late[self.n_seen_bins(n_bins) :] = True
        return {"seen": seen, "channels": ~seen & ~late, "bins": late}

    def _encoder_mask(self, n_bins: int, n_channels: int) -> np.ndarray:
        return encoder_mask(n_bins, n_channels, np.asarray(self.channels, dtype=np.int64), self.bins)
