"""What acts while MR-SDS is trained: temperature and balance of states, and KL weights that come in cycles."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.models.host_value import host_value
from indl_vae.params import Params, StateGuardGroup, narrow


def temperature(step: int, settings: StateGuardGroup) -> float:
    """Returns what the logits of transitions are divided by in a training step, counted from 0.

    `max(1, T_0 rate^((step - hold) / steps))` after the hold (Dong et al. 2020).
    """
    late = max(step - settings.temperature_hold, 0) / settings.temperature_steps
    return max(1.0, settings.temperature * settings.temperature_rate**late)


def balance(step: int, settings: StateGuardGroup) -> float:
    """Returns the weight of the balance of states in a training step: it falls linearly to 0."""
    return settings.state_balance * max(0.0, 1.0 - step / settings.state_balance_steps)


class Acting(keras.callbacks.Callback):
    """Writes temperature and balance before every step; logs them with the epoch.

    A later stage of training begins with what the first one ends with.

    Args:
        params: Reads those of `StateGuardGroup`.
        transition: Whose temperature it is.
        n_steps: Training steps of the first stage.
    """

    def __init__(self, params: Params, transition: Any, n_steps: int) -> None:
        super().__init__()
        self.guard = narrow(StateGuardGroup, params)
        self.transition, self.n_steps = transition, n_steps
        self._now: dict[str, float] = {}

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.set(host_value(self.model.optimizer.iterations))

    def set(self, step: int) -> None:
        """Writes what holds in a step."""
        step = step if not getattr(self.model, "stage", 0) else self.n_steps
        terms = self.model.terms
        if self.transition.temperature is not None:
            self._now["temperature"] = temperature(step, self.guard)
            self.transition.temperature.assign(self._now["temperature"])
        if "state_balance" in terms:
            self._now["state_balance_weight"] = balance(step, self.guard)
            terms["state_balance"].weight_value.assign(self._now["state_balance_weight"])

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs.update(self._now)
