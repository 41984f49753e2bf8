"""Halves a learning rate when a score no longer falls."""

from __future__ import annotations

import math


class Plateau:
    """Counts how often a rate is to be cut, from scores of which lower is better.

    Args:
        min_lr: Rate below which nothing is cut.
        factor: Of a cut.
        patience: Epochs without a gain that are borne; the next one cuts.
        threshold: Share of the best score by which a score must be lower to be a gain.
    """

    def __init__(self, min_lr: float, factor: float = 0.5, patience: int = 4, threshold: float = 1e-3) -> None:
        self.min_lr, self.factor, self.patience, self.threshold = min_lr, factor, patience, threshold
        self.best, self.waited, self.cuts = math.inf, 0, 0

    def step(self, score: float) -> None:
        """Takes the score of an epoch."""
        if score < self.best * (1.0 - self.threshold):
            self.best, self.waited = score, 0
            return
        self.waited += 1
        if self.waited > self.patience:
            self.cuts, self.waited = self.cuts + 1, 0

    def lowered(self, rate: float) -> float:
        """Returns a rate after the cuts so far; never more than the rate itself."""
        return min(rate, max(rate * self.factor**self.cuts, self.min_lr))
