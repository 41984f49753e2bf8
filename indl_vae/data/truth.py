"""True rates in one unit: expected counts per bin."""

from __future__ import annotations

import numpy as np

from indl_vae.data.keys import SPLITS, find_key
from indl_vae.data.session import RawSession
from indl_vae.errors import DataError


def truth_scale(session: RawSession, bin_width_s: float | None) -> tuple[float | None, str]:
    """Returns the factor that turns a file's truth into expected counts per bin.

    Truth with a `conversion_factor` is divided by it; truth without one is in Hz and is multiplied by the bin width.

    Args:
        session: The raw arrays.
        bin_width_s: Bin width in seconds (argument or file attribute), or None.

    Returns:
        `(factor, note)`; the factor is None when the unit cannot be known.

    Raises:
        DataError: The conversion factor is not one positive number.
    """
    if not any(find_key(session.arrays, split, "truth") for split in SPLITS):
        return None, "no truth in the data"
    if "conversion_factor" in session.arrays:
        factor = _conversion_factor(session)
        return 1.0 / factor, f"truth / conversion_factor {factor:g}"
    if bin_width_s is not None:
        return bin_width_s, f"truth in Hz x bin_width_s {bin_width_s:g}"
    return None, (
        "truth is left out: neither conversion_factor nor bin width is known; set bin_width_s "
        "(truth in Hz) as an argument or as an attribute of the file"
    )


def _conversion_factor(session: RawSession) -> float:
    array = session.arrays["conversion_factor"]
    value = float(array.reshape(-1)[0]) if array.size == 1 else float("nan")
    # Values below float32's normal range would turn every truth into an infinity.
    if not (np.isfinite(value) and value > 1e-30):
        raise DataError(
            f"{session.source}: conversion_factor: has shape {array.shape} and value {value:g}, expected one positive "
            "number (truth / conversion_factor = expected counts per bin); correct or remove it."
        )
    return value
