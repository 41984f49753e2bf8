"""A causal model bin by bin, as the counts come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from indl_vae.errors import DataError
from indl_vae.models.carried import CompiledRun, check_finite

if TYPE_CHECKING:
    from indl_vae.models.sequential_vae import SequentialVAE

#: Names in a saved state of what waits for the last of the leading bins.
_WAITING = {"x": "leading_x", "ext_input": "leading_ext_input"}


class Stream:
    """Infers rates while a trial goes on: one call a bin, posterior means pushed through.

    The first `f_enc_input_samps` bins are gathered, since the initial condition comes from them; until then `step`
    returns None. The call that completes them returns the outputs of its own bin, and `leading` holds those of all.
    The outputs are those of `model.posterior(whole_trial, push_mean=True)`, of a trial that goes on: bins that a model
    holds out at the end of its trials (`heldout_bins`) do not exist here.

    Args:
        model: A causal LFADS: `z1_rnn_type="GRUClip"` (do_causal_controller) and `f_enc_input_samps` above 0.

    Attributes:
        leading: Outputs of the leading bins, `(B, f_enc_input_samps, ...)` by name; None before they are complete.
        n_bins: Bins taken since the start of the trial.

    Raises:
        ConfigError: If the model looks at later bins; the message names the parameters.

    Example:
        ```python
        stream = Stream(run.model)
        for counts in bins:                  # (N,), or (B, N) for several trials side by side
            outputs = stream.step(counts)    # None, then rates, factors, controller_outputs, ...
        stream.reset()                       # the next trial
        ```
    """

    def __init__(self, model: SequentialVAE) -> None:
        self._run, self._spec = CompiledRun.of(model), model.spec
        self.reset()

    def reset(self) -> None:
        """Forgets everything: the next bin is the first of a trial."""
        self._states: dict[str, tf.Tensor] | None = None
        self._waiting: dict[str, np.ndarray] = {}
        self.leading: dict[str, np.ndarray] | None = None
        self.n_bins = 0

    @property
    def is_warming_up(self) -> bool:
        """Whether leading bins are still to come."""
        return self.n_bins < self._run.n_leading

    def step(self, counts: Any, ext_input: Any = None) -> dict[str, np.ndarray] | None:
        """Takes the counts of one bin; returns what is inferred of it, or None while leading bins are gathered.

        Args:
            counts: `(N,)`, or `(B, N)` for B trials side by side.
            ext_input: `(U,)` or `(B, U)`, for a model with measured external input.

        Returns:
            Arrays `(...)` or `(B, ...)` by name: rates (expected counts per bin), factors, gen_states, and with
            inferred inputs controller_outputs, con_states, z_loc, z_scale.

        Raises:
            DataError: If a shape does not fit the model or the bins before, or an entry is not finite.
        """
        counts = np.asarray(counts, np.float32)
        given = self._checked(counts, ext_input)
        outputs = self._first(given) if self._states is None else self._next(given)
        self.n_bins += 1
        return outputs if outputs is None or counts.ndim == 2 else {k: v[0] for k, v in outputs.items()}

    @property
    def state(self) -> dict[str, np.ndarray]:
        """All that the next step depends on, as arrays by name; `np.savez(path, **stream.state)` keeps it."""
        held = self._waiting if self._states is None else self._states
        names = _WAITING if self._states is None else {}
        return {"n_bins": np.array(self.n_bins), **{names.get(k, k): np.array(v) for k, v in held.items()}}

    @state.setter
    def state(self, saved: Mapping[str, np.ndarray]) -> None:
        self.reset()
        self.n_bins = int(saved["n_bins"])
        self._waiting = {k: np.array(saved[name]) for k, name in _WAITING.items() if name in saved}
        if self.n_bins and not self._waiting:
            self._states = {k: tf.constant(saved[k]) for k in saved if k != "n_bins"}

    def _first(self, given: dict[str, np.ndarray]) -> dict[str, np.ndarray] | None:
        self._waiting = {
            name: np.concatenate([self._waiting[name], value], 1) if name in self._waiting else value
            for name, value in given.items()
        }
        gathered = self._waiting
        if gathered["x"].shape[1] < self._run.n_leading:
            return None
        self._states = self._run.start(*_arguments(gathered))
        steps = [self._next({k: v[:, i : i + 1] for k, v in gathered.items()}) for i in range(gathered["x"].shape[1])]
        self.leading = {name: np.stack([step[name] for step in steps], 1) for name in steps[0]}
        self._waiting = {}
        return steps[-1]

    def _next(self, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        x, ext = _arguments(given)
        outputs, self._states = self._run.advance(x, self._states, ext)
        return {name: value.numpy()[:, 0] for name, value in outputs.items()}

    def _checked(self, counts: np.ndarray, ext_input: Any) -> dict[str, np.ndarray]:
        """Returns x and, where there is one, ext_input as `(B, 1, ...)`."""
        given = {"x": _one_bin("counts", counts, self._spec.n_channels, counts.ndim)}
        if self._spec.ext_input_dim or ext_input is not None:
            ext = np.zeros(0) if ext_input is None else np.asarray(ext_input, np.float32)
            given["ext_input"] = _one_bin("ext_input", ext, self._spec.ext_input_dim, counts.ndim)
        before = next(iter((self._states or self._waiting).values()), given["x"]).shape[0]
        for name, value in given.items():
            if value.shape[0] != before:
                raise DataError(
                    f"{name}: expected {before} trials side by side, as in the bins before, got {value.shape[0]}; "
                    "call reset() to start anew."
                )
        check_finite(given)
        return given


def _arguments(given: dict[str, np.ndarray]) -> tuple[tf.Tensor, tf.Tensor | None]:
    ext = given.get("ext_input")
    return tf.constant(given["x"]), None if ext is None else tf.constant(ext)


def _one_bin(name: str, values: np.ndarray, width: int, rank: int) -> np.ndarray:
    if values.ndim != rank or rank not in (1, 2) or values.shape[-1] != width:
        shape = f"({width},)" if rank == 1 else f"(trials, {width})"
        raise DataError(f"{name}: expected one bin of shape {shape} for this model, got shape {values.shape}.")
    return values.reshape(-1, 1, width)
