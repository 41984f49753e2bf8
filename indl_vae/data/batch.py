"""The Batch contract: the arrays a model is fed, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from indl_vae.data.validate import check_axes, check_binary, check_finite, check_not_empty, to_float32
from indl_vae.errors import DataError
from indl_vae.registry import nearest_name

#: Keys of a batch and their shapes: trials B, bins T, channels N, anything K. All float32.
BATCH_KEYS = {
    "x": ("BTN",),  # counts or values per bin
    "mask": ("BT", "BTN"),  # 1 = observed: only these entries count in the loss
    "visible": ("BTN",),  # 0 = hidden from the encoder, still scored
    "truth": ("BTN",),  # expected counts per bin, for scores only
    "ext_input": ("BTK",),  # measured external input
    "session": ("B",),  # number of each trial's session, in a model of several
    "sequence": ("B",),  # number of each trial's sequence among those trained on, -1 for another
    "identity": ("BN",),  # number of each channel's identity, 0 where unknown
}


def as_batch(data: np.ndarray | Mapping[str, Any], n_channels: int | None = None) -> dict[str, np.ndarray]:
    """Turns an array or a dict of arrays into a complete, checked batch.

    Args:
        data: `x` alone `(B, T, N)`, or a dict with the keys of `BATCH_KEYS` (entries that are None count as absent).
        n_channels: Number of channels that the model expects, or None.

    Returns:
        Float32 arrays; the mask is widened to `(B, T, N)`, and what it leaves out is 0 in `x` and `truth`.

    Raises:
        DataError: A key is unknown, a shape does not fit, a mask is not 0 or 1, or an observed entry is not finite.
    """
    given = dict(data) if isinstance(data, Mapping) else {"x": data}
    _check_keys(given)
    batch = {key: to_float32(np.asarray(value)) for key, value in given.items() if value is not None}
    sizes = _check_shapes(batch, n_channels)
    for key in ("mask", "visible"):
        if key in batch:
            check_binary(batch[key], f"batch: {key}")
    if "mask" in batch:
        _apply_mask(batch, sizes)
    check_finite(batch["x"], "batch: x", "pass a mask that is 0 there")
    return batch


def _check_keys(given: dict[str, Any]) -> None:
    for key in given:
        if key not in BATCH_KEYS:
            near = nearest_name(str(key), BATCH_KEYS)
            hint = f"; did you mean {near!r}?" if near else "; leave it out."
            raise DataError(f"batch: unknown key {key!r}, expected {', '.join(BATCH_KEYS)}{hint}")
    if given.get("x") is None:
        raise DataError(f"batch: no 'x' among {sorted(given)}; pass the data (trials, bins, channels) under 'x'.")


def _check_shapes(batch: dict[str, np.ndarray], n_channels: int | None) -> dict[str, int]:
    check_axes(batch["x"], BATCH_KEYS["x"], {} if n_channels is None else {"N": n_channels}, "batch: x")
    check_not_empty(batch["x"], "batch: x")
    sizes = dict(zip("BTN", batch["x"].shape, strict=True))
    for key, array in batch.items():
        check_axes(array, BATCH_KEYS[key], sizes, f"batch: {key}")
    return sizes


def _apply_mask(batch: dict[str, np.ndarray], sizes: dict[str, int]) -> None:
    mask = batch["mask"] if batch["mask"].ndim == 3 else batch["mask"][:, :, None]
    batch["mask"] = to_float32(np.broadcast_to(mask, (sizes["B"], sizes["T"], sizes["N"])))
    for key in ("x", "truth"):
        if key in batch:
            batch[key] = np.where(batch["mask"] > 0, batch[key], np.float32(0))
