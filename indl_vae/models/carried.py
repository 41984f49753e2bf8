"""Long recordings in pieces, the state of the model carried from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from indl_vae.errors import ConfigError, DataError
from indl_vae.models.batch import as_batch

if TYPE_CHECKING:
    from indl_vae.models.parts import CarriedRun
    from indl_vae.models.sequential_vae import SequentialVAE

#: Bins of a piece; long enough that the cost of a call does not matter.
DEFAULT_CHUNK_BINS = 500


def causal_run(model: SequentialVAE) -> CarriedRun:
    """Returns how a model runs piece by piece.

    Raises:
        ConfigError: If the model looks at later bins, or its family cannot be run in this way.
    """
    run = model.carried_run
    if run is None:
        raise ConfigError(
            f"model: expected a family that runs bin by bin (lfads, autolfads), got {model.params.family!r}. Cut the "
            "recording into windows and use posterior."
        )
    obstacles = run.obstacles()
    if obstacles:
        raise ConfigError(
            f"model: expected a causal one, but {' and '.join(obstacles)}. Train a model with these parameters, or cut "
            "the recording into windows and use posterior."
        )
    return run


class CompiledRun:
    """A model's `CarriedRun` with its two calls compiled, made once for a model.

    Args:
        model: A causal model.

    Raises:
        ConfigError: As `causal_run`.
    """

    def __init__(self, model: SequentialVAE) -> None:
        run = causal_run(model)
        self.n_leading = run.n_leading
        self.start = tf.function(run.start, autograph=False)
        self.advance = tf.function(run.advance, autograph=False)

    @classmethod
    def of(cls, model: SequentialVAE) -> CompiledRun:
        """Returns the one of this model."""
        made = model.__dict__.setdefault("_compiled_run", {})
        if not made:
            made["it"] = cls(model)
        return made["it"]


def run_carried(model: SequentialVAE, data: Any, chunk_bins: int = DEFAULT_CHUNK_BINS) -> dict[str, np.ndarray]:
    """Runs a causal model over recordings of any length in bounded memory, posterior means pushed through.

    The result is that of the uncut recording: the first `f_enc_input_samps` bins give the initial condition, and the
    states of encoder, controller and generator go on from piece to piece.

    Args:
        model: A causal model; see `causal_run`.
        data: Counts `(B, T, N)`, or a dict with "x" and "ext_input"; entries must all be observed.
        chunk_bins: Bins of a piece.

    Returns:
        Arrays `(B, T, ...)` by name: rates (expected counts per bin), factors, gen_states, and those of the inferred
        inputs.

    Raises:
        ConfigError: If the model is not causal, or `chunk_bins` is not positive.
        DataError: If the data do not fit the model, hold NaN, or are shorter than the leading bins.
    """
    run = CompiledRun.of(model)
    if chunk_bins < 1:
        raise ConfigError(f"chunk_bins: expected an integer >= 1, got {chunk_bins!r}.")
    x, ext = _recording(model, data)
    if x.shape[1] < run.n_leading:
        raise DataError(
            f"x: expected at least the {run.n_leading} bins that the f encoder reads (f_enc_input_samps), got "
            f"{x.shape[1]}; give a longer recording."
        )
    states = run.start(x[:, : run.n_leading], None if ext is None else ext[:, : run.n_leading])
    pieces = []
    for first in range(0, x.shape[1], chunk_bins):
        part = slice(first, first + chunk_bins)
        outputs, states = run.advance(x[:, part], states, None if ext is None else ext[:, part])
        pieces.append({name: value.numpy() for name, value in outputs.items()})
    return {name: np.concatenate([piece[name] for piece in pieces], axis=1) for name in pieces[0]}


def _recording(model: SequentialVAE, data: Any) -> tuple[tf.Tensor, tf.Tensor | None]:
    batch = as_batch(data.batch() if hasattr(data, "batch") else data, model.spec)
    if "mask" in batch and not np.all(batch["mask"].numpy() > 0):
        raise DataError(
            "mask: expected a recording in which every entry is observed, got one with missing entries; use posterior, "
            "or set the missing entries to 0 and leave the mask out."
        )
    check_finite(batch)
    return batch["x"], batch.get("ext_input")


def check_finite(arrays: Mapping[str, Any]) -> None:
    """Raises DataError if counts or external inputs hold NaN or infinity, which would stay in the state for good."""
    for name in ("x", "ext_input"):
        if name in arrays and not np.all(np.isfinite(arrays[name])):
            raise DataError(f"{name}: expected finite numbers, got NaN or infinity; set missing counts to 0.")
