"""The penalty that makes some latent states keep what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers.latent_steps import LatentStep


@keras.saving.register_keras_serializable(package="indl_vae")
class ManifoldAttractor(keras.layers.Layer):
    """`sum_i tau_i |a_i - 1|^p + sum_ij tau_i |W_ij|^p + sum_i tau_i |h_i|^p` of a latent step.

    A state with `a = 1` whose row of W and whose h are 0 keeps what it holds: a line attractor (Schmidt et al. 2021).

    Args:
        step: The step; one whose basis has a value for each state.
        ratios: Shares of the states in each group, in their order.
        strengths: tau of each group; of states in no group it is 0.
        axis: "row": the weights onto a state are penalised; "col": those from it, as the code published with the
            dendritic network has it.
        norm: "l2" for squares, "l1" for absolute values.
        states: Whether groups are counted from the "first" state or from the "last".

    Call arguments:
        like: Any tensor `(B, ...)`.

    Returns:
        The penalty, `(B,)`, the same for every trial.

    Raises:
        ConfigError: The groups do not fit, or the step has other values than one for each state.
    """

    def __init__(
        self,
        step: LatentStep,
        ratios: Sequence[float],
        strengths: Sequence[float],
        axis: str = "row",
        norm: str = "l2",
        states: str = "first",
        **kwargs: Any,
    ) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.step = keras.saving.deserialize_keras_object(step) if isinstance(step, dict) else step
        if axis not in ("row", "col") or norm not in ("l1", "l2") or states not in ("first", "last"):
            raise ConfigError(
                f"ManifoldAttractor: expected axis row or col, norm l1 or l2 and states first or last, got {axis!r}, "
                f"{norm!r} and {states!r}."
            )
        self.ratios, self.strengths = tuple(map(float, ratios)), tuple(map(float, strengths))
        self.axis, self.norm, self.states = axis, norm, states
        self.tau = strength_of_states(self.step.dim, self.ratios, self.strengths, states)
        if axis == "col" and self.step.cross_weights.shape[1] != self.step.dim:
            raise ConfigError(
                f"ManifoldAttractor: axis 'col' expects a step whose basis has a value for each state, got "
                f"{type(self.step).__name__}. Choose axis = 'row'."
            )
        self.built = True

    def call(self, like):
        power = tf.square if self.norm == "l2" else tf.abs
        tau, step = tf.constant(self.tau, tf.float32), self.step
        weights = tf.reduce_sum(power(step.cross_weights), axis=1 if self.axis == "row" else 0)
        total = tf.reduce_sum(tau * (power(step.self_weights - 1.0) + weights + power(step.piecewise().bias)))
        return tf.fill((tf.shape(like)[0],), total)

    def compute_output_spec(self, like):
        return keras.KerasTensor((like.shape[0],), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        own = {"step": keras.saving.serialize_keras_object(self.step)}
        names = ("ratios", "strengths", "axis", "norm", "states")
        return {**super().get_config(), **own, **{name: getattr(self, name) for name in names}}


def strength_of_states(
    dim: int, ratios: Sequence[float], strengths: Sequence[float], states: str = "first"
) -> np.ndarray:
    """Returns tau of each state `(M,)`.

    A group has `round(M * ratio)` states; what is then missing, or too much, is given to the group whose number was
    rounded most. States in no group have 0.

    Args:
        dim: Number of states M.
        ratios: Share of each group, at most 1 together.
        strengths: tau of each group.
        states: Whether the groups are counted from the "first" state or from the "last".

    Raises:
        ConfigError: The lists have different lengths, or the shares add up to more than 1.
    """
    if len(ratios) != len(strengths):
        raise ConfigError(f"reg_alphas: expected one for each of {len(ratios)} reg_ratios, got {len(strengths)}.")
    if sum(ratios) > 1.0 + 1e-9:
        raise ConfigError(f"reg_ratios: expected shares that add up to at most 1, got {list(ratios)}.")
    whole = dim * np.array([*ratios, max(1.0 - sum(ratios), 0.0)])
    sizes = np.round(whole).astype(int)
    sizes[np.argmax(np.abs(np.round(whole - sizes, 9)))] += dim - sizes.sum()
    tau = np.repeat([*strengths, 0.0], sizes)
    return tau if states == "first" else tau[::-1].copy()
