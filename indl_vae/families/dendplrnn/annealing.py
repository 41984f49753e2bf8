"""The course of the balance between likelihood and latent terms."""

from __future__ import annotations

import math
from typing import Any

import keras

from indl_vae.params import AnnealingGroup

#: Constants of the courses that have one, where none is given.
_RATE, _CONSTANT = 10.0, 0.5


def annealing_factor(epoch: int, n_epochs: int, settings: AnnealingGroup) -> float:
    """Returns a of the loss `-(1 - a) (H + log p(z)) - a log p(x | z)` in an epoch, counted from 1.

    With `p = step floor(epoch / step) / n_epochs`: "none" 0.5, "lin" p / 2, "quad" p (1 - p / 2), "exp"
    (1 - exp(-k p)) / 2, "const" c. The code published with Brenner, Hess et al. (2022) has the first three; its
    documentation names the others.

    Args:
        epoch: The epoch.
        n_epochs: Number of epochs of the whole training.
        settings: `annealing`, `annealing_factor`, `annealing_step_size`.
    """
    every = settings.annealing_step_size
    p = min(every * (epoch // every) / n_epochs, 1.0)
    constant = settings.annealing_factor
    courses = {
        "none": 0.5,
        "lin": 0.5 * p,
        "quad": p * (1.0 - 0.5 * p),
        "exp": 0.5 * (1.0 - math.exp(-(_RATE if constant is None else constant) * p)),
        "const": _CONSTANT if constant is None else constant,
    }
    return courses[settings.annealing]


class Annealing(keras.callbacks.Callback):
    """Writes before every epoch a as the likelihood's weight and 1 - a times their own as the KL terms'; logs a.

    Args:
        settings: Of the course.
        n_epochs: Number of epochs of the whole training.
    """

    def __init__(self, settings: AnnealingGroup, n_epochs: int) -> None:
        super().__init__()
        self.settings, self.n_epochs, self.factor = settings, n_epochs, 0.5

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.factor = annealing_factor(epoch + 1, self.n_epochs, self.settings)
        self.model.nll_weight.weight_value.assign(self.factor)
        for term in self.model.terms.values():
            if term.kind == "kl":
                term.weight_value.assign((1.0 - self.factor) * term.initial_weight)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs["annealing"] = self.factor
