"""What it costs to cut a recording into windows that know nothing of one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from indl_vae.errors import ConfigError, DataError
from indl_vae.models.carried import run_carried


@dataclass(frozen=True, eq=False)
class WindowCost:
    """How rates inferred window by window differ from those of the uncut recording, in expected counts per bin.

    Attributes:
        by_bin: Root mean square difference at each bin of a window, `(W,)`.
        rms: The same over all bins.
        spread: Standard deviation over time of the uncut rates, root mean square over channels, to hold it against.
    """

    by_bin: np.ndarray
    rms: float
    spread: float

    @property
    def relative(self) -> float:
        """`rms / spread`."""
        return self.rms / self.spread

    def __str__(self) -> str:
        """One line for a report."""
        first, last = self.by_bin[0], self.by_bin[-1]
        return (
            f"windows of {len(self.by_bin)} bins: rates differ by {self.rms:.3g} counts per bin (rms), "
            f"{100 * self.relative:.1f} % of their spread; {first:.3g} in a window's first bin, {last:.3g} in its last"
        )


def window_cost(model: Any, recording: Any, window_bins: int) -> WindowCost:
    """Compares independent windows with the uncut run of a causal model, posterior means pushed through.

    Args:
        model: A causal model; see `indl_vae.models.carried`.
        recording: Counts `(T, N)` or `(B, T, N)`, without external input; what does not fill a window is left out.
        window_bins: Bins W of a window, at least the leading bins that the initial condition is inferred from.

    Raises:
        ConfigError: If the model is not causal, or a window shorter than its leading bins.
        DataError: If the recording is shorter than two windows.
    """
    counts = np.asarray(recording, np.float32)
    counts = counts[None] if counts.ndim == 2 else counts
    whole = run_carried(model, counts)["rates"]
    leading, count = model.carried_run.n_leading, counts.shape[1] // max(window_bins, 1)
    if window_bins < leading:
        raise ConfigError(f"window_bins: expected at least the {leading} leading bins, got {window_bins!r}.")
    if count < 2:
        raise DataError(f"recording: expected at least two windows of {window_bins} bins, got {counts.shape[1]} bins.")
    used, windows = count * window_bins, (-1, window_bins, counts.shape[2])
    alone = model.posterior(counts[:, :used].reshape(windows), push_mean=True)["rates"]
    squares = (alone - whole[:, :used].reshape(windows)) ** 2
    spread = float(np.sqrt(whole.var(axis=1).mean()))
    return WindowCost(np.sqrt(squares.mean(axis=(0, 2))), float(np.sqrt(squares.mean())), spread)
