"""The weight of the data in generalized teacher forcing, estimated from Jacobians."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.layers import ForcedRollout, LatentStep
from indl_vae.models.host_value import host_value
from indl_vae.params import ForcingGroup


def optimal_alpha(sigma: float) -> float:
    """Returns the least weight at which gradients do not explode, `max(0, 1 - 1 / sigma)` (Hess et al. 2023)."""
    return max(0.0, 1.0 - 1.0 / max(sigma, 1e-12))


def growth(jacobians: np.ndarray, estimate: str) -> float:
    """Returns how much a step stretches gradients at most, or on average.

    Args:
        jacobians: `(B, T, M, M)` along trials.
        estimate: "max": the largest of all spectral norms. "arithmetic_mean" and "geometric_mean" of the norms.
            "product": the T-th root of the norm of a trial's product of Jacobians, the largest over trials.
    """
    if estimate == "product":
        return float(max(_root_of_product(trial) for trial in jacobians))
    norms = np.linalg.norm(jacobians, 2, axis=(-2, -1))
    if estimate == "max":
        return float(norms.max())
    if estimate == "arithmetic_mean":
        return float(norms.mean())
    return float(np.exp(np.log(np.maximum(norms, 1e-12)).mean()))


def bound_from_weights(step: LatentStep) -> float:
    """Returns `max|a| + ||W||`, times the norm of the hidden layer's weights where there is one (Hess et al. 2023)."""
    parts = step.piecewise()
    through = float(np.linalg.norm(parts.kernel.numpy(), 2))
    if parts.mixing is not None:
        through *= float(np.linalg.norm(parts.mixing.numpy(), 2))
    return float(np.abs(parts.diagonal.numpy()).max()) + through


def _root_of_product(jacobians: np.ndarray) -> float:
    """Multiplies step by step and takes the size out at each, so that nothing overflows."""
    product, log_size = np.eye(jacobians.shape[-1]), 0.0
    for one in jacobians:
        product = one @ product
        size = max(float(np.linalg.norm(product, 2)), 1e-300)
        product, log_size = product / size, log_size + np.log(size)
    return float(np.exp(log_size / len(jacobians)))


class ForcingWeight(keras.callbacks.Callback):
    """Sets the weight of the data from the Jacobians along a few training trials, every so many steps.

    A larger estimate is taken at once; towards a smaller one the weight goes by a share `1 - forcing_decay` (Hess et
    al. 2023, algorithm 1).

    Args:
        rollout: The layer whose weight it is.
        states: Model from Batch keys to the forced states.
        batch: A few training trials by Batch key.
        settings: `forcing_estimate`, `forcing_decay`, `forcing_every`.
        jit_compile: Whether XLA compiles the run along which Jacobians are taken.
    """

    def __init__(
        self,
        rollout: ForcedRollout,
        states: keras.Model,
        batch: dict[str, Any],
        settings: ForcingGroup,
        jit_compile: bool = False,
    ) -> None:
        super().__init__()
        self._rollout, self._settings = rollout, settings

        def jacobians() -> tf.Tensor:
            return rollout.step.jacobian(states({name: batch.get(name) for name in states.input}, training=False))

        self._jacobians = tf.function(jacobians, jit_compile=jit_compile, autograph=False)

    def estimate(self) -> float:
        """Returns the weight that the present step asks for."""
        kind = self._settings.forcing_estimate
        if kind == "weights":
            return optimal_alpha(bound_from_weights(self._rollout.step))
        return optimal_alpha(growth(self._jacobians().numpy(), kind))

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if host_value(self.model.optimizer.iterations) % self._settings.forcing_every:
            return
        old, new = float(self._rollout.alpha), self.estimate()
        decay = self._settings.forcing_decay
        self._rollout.alpha.assign(new if new > old else decay * old + (1.0 - decay) * new)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs["forcing_alpha"] = float(self._rollout.alpha)
