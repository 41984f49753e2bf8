"""How posterior samples of many trials are worked on in calls of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from indl_vae.errors import ConfigError
from indl_vae.models.batch import SEEN_KEYS, as_batch

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

#: Bins, of all its trials and samples, that one call works on.
BINS_AT_ONCE = 100_000


@dataclass(frozen=True)
class PosteriorRounds:
    """Trials in chunks, and the samples of a chunk in rounds.

    Each call holds `trials x samples` rows, so memory does not grow with the data or the number of samples. All calls
    but the last of few trials have one shape: one compilation.

    Attributes:
        batch: What the model infers from, by key, all trials.
        samples: Posterior samples K of each trial.
        chunk: Trials of a call.
        repeats: Samples of each trial in a call.
    """

    batch: dict[str, np.ndarray]
    samples: int
    chunk: int
    repeats: int

    @classmethod
    def of(
        cls, model: SequentialVAE, data: Any, samples: int, push_mean: bool, batch_size: int | None
    ) -> PosteriorRounds:
        """Plans the calls.

        Args:
            model: The model.
            data: Array `(B, T, N)`, dict of Batch keys, or a split of a dataset.
            samples: Number of posterior samples of each trial; 1 with `push_mean`.
            push_mean: Whether posterior means take the place of samples.
            batch_size: Rows, trials times samples, of a call; `BINS_AT_ONCE` by default.

        Raises:
            ConfigError: No sample is asked for.
        """
        if samples < 1:
            raise ConfigError(f"samples: expected an integer >= 1, got {samples!r}.")
        batch = as_batch(data.batch() if hasattr(data, "batch") else data, model.spec)
        batch = {k: np.asarray(v) for k, v in batch.items() if k in SEEN_KEYS}
        samples = 1 if push_mean else samples
        n_trials, n_bins = batch["x"].shape[:2]
        rows = batch_size or max(1, BINS_AT_ONCE // max(n_bins, 1))
        chunk = max(1, min(n_trials, rows // samples))
        return cls(batch, samples, chunk, max(1, min(samples, rows // chunk)))

    @property
    def n_bins(self) -> int:
        """Bins of all trials and samples together."""
        return self.samples * self.batch["x"].shape[0] * self.batch["x"].shape[1]

    def chunks(self) -> Iterator[dict[str, np.ndarray]]:
        """Yields the trials, a chunk at a time."""
        for first in range(0, len(self.batch["x"]), self.chunk):
            yield {key: value[first : first + self.chunk] for key, value in self.batch.items()}

    def counts(self) -> Iterator[int]:
        """Yields the number of samples of each round; the last may hold fewer."""
        for done in range(0, self.samples, self.repeats):
            yield min(self.repeats, self.samples - done)
