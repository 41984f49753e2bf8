"""What comes beside the observed values of a split: truth, inputs, labels, numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.data.keys import EXTRAS, FIELDS, find_key
from indl_vae.data.observed import Observed
from indl_vae.data.ragged import length_mask
from indl_vae.data.session import RawSession
from indl_vae.data.validate import (
    check_axes,
    check_finite,
    check_inds,
    check_not_negative,
    has_non_negative_mean,
    to_float32,
    to_int64,
)
from indl_vae.errors import DataError


def read_side_arrays(
    session: RawSession, split: str, part: Observed, truth_scale: float | None, likelihood: str
) -> dict[str, Any]:
    """Reads the further fields of a split.

    Args:
        session: The raw arrays.
        split: Name of the split.
        part: Its observed values, whose sizes the fields must have.
        truth_scale: Factor from the file's truth to expected counts per bin, or None when unknown.
        likelihood: Decides whether expected values may be negative.

    Returns:
        Keyword arguments of Split: those of truth, ext_input, condition, behavior, inds, identity and extras that
        there are.

    Raises:
        DataError: A field has another shape than the data, or values that it cannot have.
    """
    fields: dict[str, Any] = {}
    for name in ("ext_input", "condition", "behavior", "inds", "identity", *EXTRAS):
        value = _read(session, split, name, part)
        if value is not None:
            fields[name] = value
    if "ext_input" in fields:
        check_finite(
            fields["ext_input"], _place(session, split, "ext_input"), "external input has no mask, fill the gaps"
        )
    if "identity" in fields and fields["identity"].min(initial=0) < 0:
        raise DataError(
            f"{_place(session, split, 'identity')}: expected numbers of identities from 1, 0 for unknown, got "
            f"{fields['identity'].min()}."
        )
    if "inds" in fields:
        check_inds(fields["inds"], _place(session, split, "inds"))
    if truth_scale is not None:
        fields["truth"] = _truth(session, split, part, truth_scale, likelihood)
    fields["extras"] = {name: fields.pop(name) for name in EXTRAS if name in fields}
    return fields


def _place(session: RawSession, split: str, field: str) -> str:
    return f"{session.source}: {find_key(session.arrays, split, field)}"


def _read(session: RawSession, split: str, field: str, part: Observed) -> np.ndarray | None:
    key = find_key(session.arrays, split, field)
    if key is None:
        return None
    array, place = session.arrays[key], _place(session, split, field)
    check_axes(array, FIELDS[field].axes, dict(zip("BTN", part.x.shape, strict=True)), place)
    if FIELDS[field].integer:
        return to_int64(array, place)
    array = to_float32(array)
    if field in ("behavior", "dynamic_label") and array.ndim == 2:
        array = array[:, :, None]
    if field in ("ext_input", "behavior") and part.lengths is not None:
        # Whatever stands in the padding is nobody's measurement.
        padding = np.float32(0 if field == "ext_input" else np.nan)
        array = np.where(length_mask(part.lengths, array.shape[1])[:, :, None], array, padding)
    return array


def _truth(session: RawSession, split: str, part: Observed, scale: float, likelihood: str) -> np.ndarray | None:
    raw = _read(session, split, "truth", part)
    if raw is None:
        return None
    place = _place(session, split, "truth")
    truth = to_float32(raw.astype(np.float64) * scale)
    if part.mask is not None:
        # A rate may well be known where no spike was recorded; only gaps in it are filled.
        truth = np.where((part.mask == 0) & ~np.isfinite(truth), np.float32(0), truth)
    check_finite(truth, place, "correct the truth, or remove the key")
    if has_non_negative_mean(likelihood):
        check_not_negative(truth, place, "expected rates, which are never negative; correct the truth")
    return truth
