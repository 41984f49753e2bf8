"""The observed values of a split and the mask of what was observed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from indl_vae.data.keys import FIELDS, find_key
from indl_vae.data.ragged import length_mask
from indl_vae.data.session import RawSession
from indl_vae.data.validate import (
    check_axes,
    check_binary,
    check_lengths,
    check_no_infinite,
    check_not_empty,
    check_values,
    first_place,
    to_float32,
    to_int64,
)
from indl_vae.errors import DataError


@dataclass(frozen=True, eq=False)
class Observed:
    """Values and mask of one split.

    Attributes:
        x: `(B, T, N)` float32, 0 where not observed.
        mask: `(B, T, N)` float32, 1 = observed, or None when everything is.
        lengths: `(B,)` int64, or None.
        heldout_channels: Last channels absent from the encoder's array of an lfads-torch file.
        heldout_bins: Last bins absent from it.
    """

    x: np.ndarray
    mask: np.ndarray | None
    lengths: np.ndarray | None
    heldout_channels: int = 0
    heldout_bins: int = 0


def read_observed(
    session: RawSession, split: str, likelihood: str, missing: str, n_levels: int | None = None
) -> Observed:
    """Reads a split's values: what the mask, the lengths and (with missing="mask") NaN leave out is set to 0.

    Raises:
        DataError: Values, mask or lengths do not pass a check.
    """
    key, raw, shown, heldout = _values(session, split)
    place = f"{session.source}: {key}"
    x = to_float32(raw)
    if x is raw:
        x = raw.copy()  # it is about to be changed, and may be the caller's
    lengths = _lengths(session, split, x.shape)
    mask = _stored_mask(session, split, x.shape, shown, lengths)
    if mask is not None:
        x[~mask] = 0.0
    missing_entries = np.isnan(x)
    if missing_entries.any():
        if missing == "error":
            raise DataError(
                f"{place}: NaN at {first_place(missing_entries)}; set missing='mask' to leave such entries out, "
                f"or mark them 0 in {split}_mask."
            )
        mask = ~missing_entries if mask is None else mask & ~missing_entries
        x[missing_entries] = 0.0
    check_no_infinite(x, place)
    check_values(x, likelihood, place, n_levels)
    if mask is not None:
        _check_some_observed(mask, place)
        mask = None if mask.all() else to_float32(mask)
    return Observed(x, mask, lengths, *heldout)


def _values(session: RawSession, split: str) -> tuple[str, np.ndarray, np.ndarray | None, tuple[int, int]]:
    """Returns key, values, what of them exists (None: all), and the held-out channels and bins."""
    key, encod_key = find_key(session.arrays, split, "x"), find_key(session.arrays, split, "encod")
    if key is None and encod_key is None:
        found = ", ".join(sorted(session.arrays)) or "no known key"
        ignored = f" (not read: {', '.join(session.ignored[:10])})" if session.ignored else ""
        raise DataError(
            f"{session.source}: {split}_data: not in the file; found {found}{ignored}. "
            f"Write the {split} trials (trials, bins, channels) under {split}_data."
        )
    if key is None or encod_key is None:
        values = _shaped(session, key or str(encod_key))
        if key is not None:
            return key, values, None, (0, 0)
        return _widened(session, split, str(encod_key), values)
    values, encod = _shaped(session, key), _shaped(session, encod_key)
    _check_block(values, encod, f"{session.source}: {encod_key}", key)
    return key, values, None, (values.shape[2] - encod.shape[2], values.shape[1] - encod.shape[1])


def _shaped(session: RawSession, key: str) -> np.ndarray:
    values, place = session.arrays[key], f"{session.source}: {key}"
    check_axes(values, FIELDS["x"].axes, {}, place)
    check_not_empty(values, place)
    return values


def _check_block(values: np.ndarray, encod: np.ndarray, place: str, key: str) -> None:
    """Checks that the encoder's array is the leading block of the reconstructed one (lfads-torch)."""
    check_axes(encod, FIELDS["x"].axes, {"B": values.shape[0]}, place)
    if encod.shape[1] > values.shape[1] or encod.shape[2] > values.shape[2]:
        raise DataError(
            f"{place}: has shape {encod.shape}, larger than {key} {values.shape}; expected its leading bins and "
            "channels."
        )
    block = values[:, : encod.shape[1], : encod.shape[2]]
    if not np.array_equal(block, encod, equal_nan=True):
        warnings.warn(
            f"{place}: differs from the leading block of {key}, which is what the model reads.",
            UserWarning,
            stacklevel=2,
        )


def _widened(
    session: RawSession, split: str, encod_key: str, encod: np.ndarray
) -> tuple[str, np.ndarray, np.ndarray | None, tuple[int, int]]:
    """Widens a split that has only the encoder's array (a hidden test) to the training size; the rest is missing."""
    like = session.arrays.get("train_recon_data")
    if like is None or like.ndim != 3 or like.shape[1] < encod.shape[1] or like.shape[2] < encod.shape[2]:
        return encod_key, encod, None, (0, 0)
    values = np.zeros((encod.shape[0], *like.shape[1:]), np.float32)
    shown = np.zeros(values.shape, bool)
    values[:, : encod.shape[1], : encod.shape[2]] = to_float32(encod)
    shown[:, : encod.shape[1], : encod.shape[2]] = True
    return encod_key, values, shown, (values.shape[2] - encod.shape[2], values.shape[1] - encod.shape[1])


def _lengths(session: RawSession, split: str, shape: tuple[int, ...]) -> np.ndarray | None:
    key = find_key(session.arrays, split, "lengths")
    if key is None:
        return None
    place = f"{session.source}: {key}"
    array = session.arrays[key]
    check_axes(array, FIELDS["lengths"].axes, {"B": shape[0]}, place)
    lengths = to_int64(array, place)
    check_lengths(lengths, shape[1], place)
    return lengths


def _stored_mask(
    session: RawSession, split: str, shape: tuple[int, ...], shown: np.ndarray | None, lengths: np.ndarray | None
) -> np.ndarray | None:
    """Joins what the mask key, the lengths and a narrower encoder's array say: booleans (B, T, N), or None."""
    mask, key = shown, find_key(session.arrays, split, "mask")
    if key is not None:
        stored, place = session.arrays[key], f"{session.source}: {key}"
        check_axes(stored, FIELDS["mask"].axes, dict(zip("BTN", shape, strict=True)), place)
        check_binary(stored, place)
        mask = _join(mask, (stored if stored.ndim == 3 else stored[:, :, None]) > 0, shape)
    if lengths is not None:
        mask = _join(mask, length_mask(lengths, shape[1])[:, :, None], shape)
    return mask


def _join(mask: np.ndarray | None, other: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    other = np.broadcast_to(other, shape)
    return other.copy() if mask is None else mask & other


def _check_some_observed(mask: np.ndarray, place: str) -> None:
    empty = ~mask.any(axis=(1, 2))
    if empty.all():
        raise DataError(
            f"{place}: no entry is observed (mask 0, padding or NaN everywhere); expected some data, correct the mask."
        )
    if empty.any():
        warnings.warn(
            f"{place}: nothing is observed at {first_place(empty)}; leave such trials out.", UserWarning, stacklevel=2
        )
