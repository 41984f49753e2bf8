"""What a trained FHVAE can do with sequences: estimate their means, and make one sound or look like another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from indl_vae.data.split import Split
from indl_vae.errors import ConfigError
from indl_vae.families.fhvae.segment_decoder import SegmentDecoder
from indl_vae.families.fhvae.sequence_pass import estimate_means
from indl_vae.models.batch import SEEN_KEYS, as_batch
from indl_vae.models.posterior import own_randomness


def bound_to(decoder: SegmentDecoder) -> dict[str, Callable[..., Any]]:
    """Returns the methods by name; the first argument of each is the model."""
    functions = (sequence_means, convert, segment_latents)
    return {function.__name__: partial(_call, function, decoder) for function in functions}


def _call(function: Callable[..., Any], decoder: SegmentDecoder, model: Any, *args: Any, **kwargs: Any) -> Any:
    return function(model, decoder, *args, **kwargs)


def sequence_means(
    model: Any, decoder: SegmentDecoder, data: Any, sequence: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates the means of sequences, seen in training or not, from all their segments.

    Args:
        model: The model; bound already in `model.sequence_means`.
        decoder: Bound already.
        data: Array `(B, T, N)`, dict of Batch keys, or a split of a dataset.
        sequence: `(B,)` whole numbers: the sequence of each trial. By default those of a split's `sequence_id`, else
            every trial is a sequence. Needed for a split of several sessions, whose ids may be the same.

    Returns:
        The sequences' numbers `(K,)`, sorted, and their most probable means `(K, D)`.

    Raises:
        ConfigError: There are not as many numbers as trials, or none for a split of several sessions.
    """
    split = data if isinstance(data, Split) else _split(model, data)
    if sequence is None and "sequence_id" in split.extras and split.session is not None:
        raise ConfigError(
            "sequence: expected a number for each trial, got none; the split holds several sessions, in which the same "
            "sequence_id may mean different sequences. Pass split.sequence for those of the training split."
        )
    if sequence is None:
        sequence = split.extras.get("sequence_id", np.arange(split.n_trials))
    sequence = np.asarray(sequence)
    if sequence.shape != (split.n_trials,):
        raise ConfigError(f"sequence: expected a number for each of {split.n_trials} trials, got {sequence.shape}.")
    numbers = np.unique(sequence)
    return numbers, estimate_means(decoder.encoders, decoder.means, split, sequence, numbers).astype(np.float32)


def convert(
    model: Any, decoder: SegmentDecoder, data: Any, target: Any, source: Any = None, seed: int | None = None
) -> dict[str, np.ndarray]:
    """Makes sequences have another mean and keep what their segments are: f + target - source is decoded with z.

    Args:
        model: The model; bound already in `model.convert`.
        decoder: Bound already.
        data: Array `(B, T, N)`, dict of Batch keys, or a split of a dataset.
        target: `(D,)` or `(B, D)`: means of the sequences to be like, from `sequence_means`.
        source: `(D,)` or `(B, D)`: means of the trials' own sequences; by default estimated from each trial alone.
        seed: Draw f and z from their posteriors with this seed; posterior means are decoded without one.

    Returns:
        rates (expected values) `(B, T, N)`, factors, f `(B, S, D)` and z `(B, S, Z)`.

    Raises:
        ConfigError: A mean has another width.
    """
    batch = _seen(model, data)
    f, z, counted = segment_latents(model, decoder, batch, seed)
    own = decoder.means.estimate(f, counted).numpy() if source is None else source
    moved = f + _means(target, "target", f)[:, None] - _means(own, "source", f)[:, None]
    outputs = decoder.decode(moved, z, batch["x"].shape[1], batch.get("session"))
    return {**{name: value.numpy() for name, value in outputs.items()}, "f": moved, "z": z}


def segment_latents(
    model: Any, decoder: SegmentDecoder, data: Any, seed: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns f `(B, S, D)`, z `(B, S, Z)` and which segments count `(B, S)`: posterior means, or draws with a seed."""
    with own_randomness(model, seed or 0):
        latents = decoder.latents(_seen(model, data), sampled=seed is not None)
    return tuple(part.numpy() for part in latents)


def _means(means: Any, name: str, f: np.ndarray) -> np.ndarray:
    means = np.asarray(means, np.float32)
    if means.shape not in ((f.shape[-1],), (f.shape[0], f.shape[-1])):
        raise ConfigError(
            f"{name}: expected a mean ({f.shape[-1]},) or one for each trial {(f.shape[0], f.shape[-1])}, got shape "
            f"{means.shape}. Take means from model.sequence_means."
        )
    return np.broadcast_to(means, (f.shape[0], f.shape[-1]))


def _split(model: Any, data: Any) -> Split:
    batch = {key: np.asarray(value) for key, value in _seen(model, data).items()}
    return Split("test", **{key: batch[key] for key in ("x", "mask", "session") if key in batch})


def _seen(model: Any, data: Any) -> dict[str, Any]:
    batch = as_batch(data.batch() if hasattr(data, "batch") else data, model.spec)
    return {key: value for key, value in batch.items() if key in SEEN_KEYS}
