"""What a judge of decoded sequences has to be able to do."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Judge(Protocol):
    """Says what static and what dynamic label a sequence seems to have.

    Sequences are `(B, T, N)` rates or means, or `(B, T, H, W, C)` images. Labels are `(B,)`, or `(B, K)` for K
    attributes. A judge that has no probabilities returns None for them; others return an array `(B, n_classes)` for
    each attribute.
    """

    def static(self, x: Any) -> np.ndarray:
        """Returns the static labels of the sequences."""

    def dynamic(self, x: Any) -> np.ndarray:
        """Returns the dynamic labels of the sequences."""

    def static_probabilities(self, x: Any) -> list[np.ndarray] | None:
        """Returns the probabilities of static labels, an array an attribute."""

    def dynamic_probabilities(self, x: Any) -> list[np.ndarray] | None:
        """Returns the probabilities of dynamic labels, an array an attribute."""
