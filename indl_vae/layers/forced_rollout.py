"""A latent dynamical system that runs by itself and is corrected from time to time."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference import loops
from indl_vae.inference.forced_scan import Forcing, forced_scan
from indl_vae.layers.latent_steps import LatentStep

#: Bins between corrections of a layer that was not told any.
DEFAULT_INTERVAL = 10


@keras.saving.register_keras_serializable(package="indl_vae")
class ForcedRollout(keras.layers.Layer):
    """Runs a latent step over time; before a step, states are set to, or drawn towards, given ones.

    With an interval it is teacher forcing: the first `n_forced` states are set in bins `interval`, `2 interval`, ...
    (Brenner, Hess et al. 2022). With an interval of 1 and a weight below 1 it is generalized teacher forcing (Hess et
    al. 2023).

    Args:
        step: The latent step.
        n_forced: Number of states that are forced, the first ones; None for all.
        interval: Bins from one correction to the next; None where it is to be read from the data (`period`).
        weight: Weight of the given states in a correction. The live value is the weight `alpha`, not trained.
        fused: Whether the loop has its own backward pass.

    Attributes:
        alpha: The weight, a scalar.
        period: The interval in use, a scalar, not trained; `DEFAULT_INTERVAL` until it is set where `interval` is None.

    Call arguments:
        start: `(B, M)`: state of the first bin.
        target: `(B, T, n_forced)`: states to be forced to; those of the first bin play no part.
        seen: Optional `(B, T, n_forced)`, 0 where there is nothing to be forced to.
        inputs: Optional `(B, T, S)`: external input; that of bin t enters the transition to bin t.

    Returns:
        The states `(B, T, M)`, before correction; the first is `start`.
    """

    def __init__(
        self,
        step: LatentStep,
        n_forced: int | None = None,
        interval: int | None = 1,
        weight: float = 1.0,
        fused: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})  # orbits of chaotic systems use up digits fast
        self.step = keras.saving.deserialize_keras_object(step) if isinstance(step, dict) else step
        self.n_forced = self.step.dim if n_forced is None else int(n_forced)
        self.interval = None if interval is None else int(interval)
        self.weight, self.fused = float(weight), bool(fused)
        if not 1 <= self.n_forced <= self.step.dim:
            raise ConfigError(
                f"ForcedRollout: `n_forced` must be from 1 to the {self.step.dim} states, got {n_forced}; a model has "
                "at least as many latent states as are forced."
            )
        if (interval is not None and self.interval < 1) or not 0.0 <= self.weight <= 1.0:
            raise ConfigError(
                f"ForcedRollout: expected an interval of at least 1 and a weight from 0 to 1, got {interval} and "
                f"{weight}."
            )
        self.alpha = self._scalar("alpha", self.weight)
        self.period = self._scalar("period", float(self.interval or DEFAULT_INTERVAL))
        self.built = True

    def _scalar(self, name: str, value: float) -> Any:
        constant = keras.initializers.Constant(value)
        return self.add_weight(shape=(), initializer=constant, trainable=False, name=name)

    def call(self, start, target, seen=None, inputs=None):
        length = loops.n_steps(loops.time_major(target))
        drive = self.step.drive(inputs)
        drive = None if drive is None else loops.time_major(drive)[1:]
        forcing = Forcing(self._all_states(target)[:-1], self._weights(target, seen, length)[:-1])
        states = forced_scan(self.step.piecewise(), start, length - 1, drive, forcing, self.fused)
        return loops.time_major(tf.concat([start[None], states], 0))

    def _weights(self, target, seen, length) -> tf.Tensor:
        """Returns `(T, B or 1, M)`: the weight of the target in each bin, 0 in the first."""
        bins = tf.cast(tf.range(length), tf.float32)
        corrected = (tf.math.floormod(bins, tf.convert_to_tensor(self.period)) == 0) & (bins > 0)
        weight = tf.cast(corrected, tf.float32)[:, None, None] * tf.convert_to_tensor(self.alpha)
        weight = weight * tf.cast(tf.range(self.step.dim) < self.n_forced, tf.float32)
        return weight if seen is None else weight * self._all_states(seen)

    def _all_states(self, values) -> tf.Tensor:
        """Returns values of the forced states as ones of all, the others 0, time first."""
        room = self.step.dim - self.n_forced
        return loops.time_major(tf.pad(values, [[0, 0], [0, 0], [0, room]]))

    def compute_output_spec(self, start, target, seen=None, inputs=None):
        return keras.KerasTensor((start.shape[0], target.shape[1], self.step.dim), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        names = ("n_forced", "interval", "weight", "fused")
        own = {"step": keras.saving.serialize_keras_object(self.step)}
        return {**super().get_config(), **own, **{name: getattr(self, name) for name in names}}
