"""Rates per second."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.errors import ConfigError


def rates_hz(rates: Any, bin_width_s: float | None) -> Any:
    """Returns rates in Hz (spikes per second) from rates in expected counts per bin.

    Args:
        rates: Expected counts per bin, of any shape: those of `model.posterior`, `sample_prior` or a posterior file;
            or a list of trials of any lengths, of which a list is returned.
        bin_width_s: Width of a bin in seconds: `model.spec.bin_width_s`, or the attribute of the file.

    Raises:
        ConfigError: If the width is not known, or not above 0.
    """
    if bin_width_s is None or np.isnan(bin_width_s):
        raise ConfigError(
            "bin_width_s: expected the width of a bin in seconds, got none; rates per bin cannot be turned into Hz "
            "without it. Set the parameter bin_width_s, or the data file's attribute of this name (10 ms: 0.01)."
        )
    if not 0 < bin_width_s < np.inf:
        raise ConfigError(f"bin_width_s: expected seconds above 0, got {bin_width_s!r} (10 ms: 0.01).")
    if isinstance(rates, list):
        return [rates_hz(trial, bin_width_s) for trial in rates]
    return np.asarray(rates) / bin_width_s
