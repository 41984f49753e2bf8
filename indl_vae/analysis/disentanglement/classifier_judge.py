"""Judge of sequences whose noiseless form is unknown: classifiers trained on true data."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.disentanglement.labels import as_labels
from indl_vae.analysis.disentanglement.linear_classifier import LinearClassifier
from indl_vae.errors import ConfigError


class ClassifierJudge:
    """Logistic regression on whole, standardised sequences of true data, one for each static and dynamic attribute.

    A judge is worth what it knows: `swap_test(test_data, static, dynamic, judge)` on true data that it was not trained
    on says how often it is right, which bounds what any decoded sequence can achieve.

    Args:
        n_components: Principal components that sequences are reduced to first, which wide data (images) need; None
            to keep all entries.
    """

    def __init__(self, n_components: int | None = None):
        self.n_components = n_components
        self._fitted: dict[str, tuple[list[LinearClassifier], bool]] = {}

    def fit(self, x: Any, static_labels: Any, dynamic_labels: Any) -> ClassifierJudge:
        """Trains on true data and returns the judge.

        Args:
            x: `(B, T, N)` data or rates, or `(B, T, H, W, C)` images.
            static_labels: `(B,)`, or `(B, K)` of K attributes.
            dynamic_labels: `(B,)`, or `(B, K)`.

        Raises:
            DataError: Numbers of sequences differ, an attribute has one label only, or data are not finite.
            ConfigError: `n_components` is more than there are sequences or entries.
        """
        for side, labels in (("static", static_labels), ("dynamic", dynamic_labels)):
            labels = as_labels(f"{side}_labels", labels, len(x), several=True)
            columns = labels.reshape(len(labels), -1).T
            fits = [LinearClassifier("x", x, column, self.n_components) for column in columns]
            self._fitted[side] = (fits, labels.ndim == 2)
        return self

    def static(self, x: Any) -> np.ndarray:
        """Returns the most probable static labels, `(B,)` or `(B, K)` as in training.

        Raises:
            ConfigError: The judge is not fitted.
            DataError: Sequences differ from the training data in shape, or are not finite.
        """
        return self._labels("static", x)

    def dynamic(self, x: Any) -> np.ndarray:
        """Returns the most probable dynamic labels; errors as of `static`."""
        return self._labels("dynamic", x)

    def static_probabilities(self, x: Any) -> list[np.ndarray]:
        """Returns `(B, n_classes)` probabilities of each static attribute, classes sorted."""
        return [fit.probabilities("x", x) for fit in self._classifiers("static")[0]]

    def dynamic_probabilities(self, x: Any) -> list[np.ndarray]:
        """Returns `(B, n_classes)` probabilities of each dynamic attribute, classes sorted."""
        return [fit.probabilities("x", x) for fit in self._classifiers("dynamic")[0]]

    def _labels(self, side: str, x: Any) -> np.ndarray:
        fits, several = self._classifiers(side)
        columns = [fit.predict("x", x) for fit in fits]
        return np.stack(columns, axis=1) if several else columns[0]

    def _classifiers(self, side: str) -> tuple[list[LinearClassifier], bool]:
        if side not in self._fitted:
            raise ConfigError(
                "ClassifierJudge: expected a fitted judge; call fit(x, static_labels, dynamic_labels) first."
            )
        return self._fitted[side]
