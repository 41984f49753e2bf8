"""Multinomial logistic regression on standardised features: the one classifier of probes and judges."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.disentanglement.labels import as_rows
from indl_vae.errors import ConfigError, DataError

#: More steps than any convergent fit takes; a fit that needs them all is reported by scikit-learn.
MAX_ITER = 5000


class LinearClassifier:
    """A fitted classifier of labels from features.

    Features are standardised by the training set, reduced to principal components where asked for, and classified by
    logistic regression with scikit-learn's penalty (C = 1). A fit of the same data gives the same classifier.

    Attributes:
        classes: `(n_classes,)` labels, sorted.
    """

    def __init__(self, name: str, features: Any, labels: np.ndarray, n_components: int | None = None):
        """Fits the classifier.

        Args:
            name: The argument's name, for messages.
            features: `(B, ...)`, flattened to `(B, P)`.
            labels: `(B,)` of any type that sorts.
            n_components: Number of principal components kept, or None for all features.

        Raises:
            DataError: Fewer than two classes, or features that `as_rows` refuses.
            ConfigError: `n_components` is not between 1 and the number of sequences or features.
        """
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        rows = as_rows(name, features)
        self.classes, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes) < 2:
            raise DataError(
                f"{name}: expected training sequences of at least two classes, got the label "
                f"{self.classes[0]!r} alone. Train on sequences that differ in this label."
            )
        self._shape = np.shape(features)[1:]
        reduction = _reduction(n_components, rows.shape)
        self._model = make_pipeline(StandardScaler(), *reduction, LogisticRegression(max_iter=MAX_ITER))
        self._model.fit(rows, numbers)

    def predict(self, name: str, features: Any) -> np.ndarray:
        """Returns the `(B,)` most probable labels."""
        return self.classes[self._model.predict(self._rows(name, features))]

    def probabilities(self, name: str, features: Any) -> np.ndarray:
        """Returns `(B, n_classes)` probabilities, in the order of `classes`."""
        return self._model.predict_proba(self._rows(name, features))

    def _rows(self, name: str, features: Any) -> np.ndarray:
        rows = as_rows(name, features)
        if np.shape(features)[1:] != self._shape:
            raise DataError(
                f"{name}: expected sequences of shape {self._shape}, as in training, got {np.shape(features)[1:]}. "
                "Give train and test the same bins and dimensions."
            )
        return rows


def _reduction(n_components: int | None, shape: tuple[int, ...]) -> list[Any]:
    from sklearn.decomposition import PCA

    if n_components is None:
        return []
    if not 1 <= n_components <= min(shape):
        raise ConfigError(
            f"n_components: expected a number from 1 to {min(shape)} (the smaller of {shape[0]} sequences and "
            f"{shape[1]} features), got {n_components!r}. Lower it, or give None to keep all features."
        )
    return [PCA(n_components, random_state=0)]
