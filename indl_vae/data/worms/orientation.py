"""Which axis of a stored matrix is time."""

from __future__ import annotations

import numpy as np

from indl_vae.errors import DataError


def time_first(array: np.ndarray, n_frames: int, n_others: int | None, place: str, time_last: bool) -> np.ndarray:
    """Returns a matrix as `(T, K)`.

    Args:
        array: `(T, K)` or `(K, T)`.
        n_frames: Number of frames T.
        n_others: Length K of the other axis; None for any.
        place: File and key, for messages.
        time_last: Which one is meant where both axes fit: `(K, T)`.

    Raises:
        DataError: Neither axis has as many entries as there are frames.
    """
    fits_first = array.ndim == 2 and array.shape[0] == n_frames and n_others in (None, array.shape[1])
    fits_last = array.ndim == 2 and array.shape[1] == n_frames and n_others in (None, array.shape[0])
    if not (fits_first or fits_last):
        others = "any number" if n_others is None else n_others
        raise DataError(
            f"{place}: has shape {array.shape}, expected one axis of {n_frames} frames and one of {others}; "
            "was it cut, or is it of another recording?"
        )
    turned = fits_last and (time_last or not fits_first)
    return array.T if turned else array
