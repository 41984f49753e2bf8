"""From what users pass to the dict of tensors that the model reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from indl_vae.errors import DataError
from indl_vae.layers.encoder_view import entry_mask
from indl_vae.typing import DataSpec

#: Keys that reach the model; all float32.
MODEL_KEYS = ("x", "mask", "visible", "truth", "ext_input", "session", "sequence", "identity")
#: Those of them that a trained model infers from.
SEEN_KEYS = ("x", "mask", "visible", "ext_input", "session", "identity")


def as_batch(data: Any, spec: DataSpec) -> dict[str, Any]:
    """Returns a dict of Batch keys from an array `(B, T, N)` or a dict; keys that the model does not read are left out.

    A mask of bins `(B, T)` is spread over the channels.

    Raises:
        DataError: If x is missing, has another rank or number of channels, an array does not go with x, or an external
            input is missing or extra.
    """
    batch = (
        {k: v for k, v in data.items() if k in MODEL_KEYS and v is not None}
        if isinstance(data, Mapping)
        else {"x": data}
    )
    if "x" not in batch:
        raise DataError(f"batch: expected the key 'x' with an array (trials, bins, channels), got keys {sorted(data)}.")
    batch = {k: tf.cast(v, tf.float32) for k, v in batch.items()}
    shape = tuple(batch["x"].shape)
    if len(shape) != 3 or shape[-1] != spec.n_channels:
        raise DataError(
            f"x: expected an array (trials, bins, {spec.n_channels} channels), got shape {shape}; the model was built "
            f"for {spec.n_channels} channels in the last axis."
        )
    _check_shapes(batch)
    _check_ext_input(batch, spec)
    _check_session(batch, spec)
    if "mask" in batch:
        batch["mask"] = tf.zeros_like(batch["x"]) + entry_mask(batch["mask"])
    return batch


def _check_shapes(batch: dict[str, Any]) -> None:
    whole = batch["x"].shape
    for key in set(batch) - {"x"}:
        fitting = {
            "mask": (whole, whole[:2]),
            "ext_input": (tf.TensorShape([*whole[:2], None]),),
            "session": (whole[:1],),
            "sequence": (whole[:1],),
            "identity": (tf.TensorShape([whole[0], whole[2]]),),
        }.get(key, (whole,))
        if not any(batch[key].shape.is_compatible_with(shape) for shape in fitting):
            raise DataError(
                f"{key}: expected shape {' or '.join(str(tuple(shape)) for shape in fitting)} to go with x, got "
                f"{tuple(batch[key].shape)}."
            )


def _check_ext_input(batch: dict[str, Any], spec: DataSpec) -> None:
    width = batch["ext_input"].shape[-1] if "ext_input" in batch else 0
    if width != spec.ext_input_dim:
        raise DataError(
            f"ext_input: expected width {spec.ext_input_dim}, got {width}. This is the measured external input (a "
            "stimulus, say) that the model was built with: {split}_ext_input of a data file, the key 'ext_input' of a "
            "batch. The inferred input's size is z_latent_size (co_dim)."
        )


def _check_session(batch: dict[str, Any], spec: DataSpec) -> None:
    if not spec.sessions:
        batch.pop("session", None)
    elif len(spec.sessions) == 1:
        batch["session"] = tf.zeros_like(batch["x"][:, 0, 0])
    elif "session" not in batch:
        names = ", ".join(f"{number} for {one.name!r}" for number, one in enumerate(spec.sessions))
        raise DataError(
            f"session: expected the number of each trial's session, shape ({batch['x'].shape[0]},), got none. The "
            f"model has several: {names}. Give it under the key 'session', or pass a split of a dataset that "
            "`run.load_dataset` loaded."
        )


def observed(batch: Mapping[str, Any]) -> tf.Tensor:
    """Returns `(B, T, N)` of 0 and 1: entries that are data."""
    return batch["mask"] if "mask" in batch else tf.ones_like(batch["x"])


def repeat_trials(batch: Mapping[str, Any], times: int) -> dict[str, Any]:
    """Returns each trial `times` times in a row: posterior samples are folded into the batch axis."""
    return dict(batch) if times == 1 else {k: tf.repeat(v, times, axis=0) for k, v in batch.items()}
