"""Keeps the weights of the best epoch."""

from __future__ import annotations

import math
from pathlib import Path

from indl_vae.families.ceneurovae.compat.history import History
from indl_vae.families.ceneurovae.compat.model import NeuroBehaviorVAE


class BestWeights:
    """Copies a model's weights when a score is lower than all before, and counts the epochs since.

    Args:
        model: Whose weights are kept.
        history: Told of the best epoch.
        patience: Epochs without a gain after which training is over.
        min_delta: By how much a score must be lower to be a gain.
        path: File for the best weights, or None.
    """

    def __init__(
        self, model: NeuroBehaviorVAE, history: History, patience: int, min_delta: float, path: Path | None
    ) -> None:
        self.model, self.history, self.patience, self.min_delta, self.path = model, history, patience, min_delta, path
        self.best, self.waited = math.inf, 0

    def step(self, epoch: int, score: float) -> bool:
        """Takes the score of an epoch; returns whether training is over."""
        if score < self.best - self.min_delta:
            self.best, self.waited = score, 0
            self.history.best_epoch = epoch
            self.history.best_state = {weight.path: weight.numpy() for weight in self.model.trainable_weights}
            if self.path is not None:
                self.model.save_weights(self.path)
        else:
            self.waited += 1
        return self.waited >= self.patience

    def restore(self) -> None:
        """Gives the model the best weights, if there are any."""
        for weight in self.model.trainable_weights if self.history.best_state else ():
            weight.assign(self.history.best_state[weight.path])
