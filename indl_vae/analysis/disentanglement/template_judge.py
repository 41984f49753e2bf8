"""Judge of synthetic sequences: the noiseless template that a sequence comes nearest to."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.disentanglement.labels import as_labels, as_rows
from indl_vae.errors import ConfigError, DataError

LIKELIHOODS = ("gaussian", "poisson")


class TemplateJudge:
    """Compares sequences with the noiseless sequence of every static and dynamic label.

    Args:
        templates: `(n_static, n_dynamic, T, N)` rates or means; further axes (images) are allowed.
        likelihood: "gaussian" for the least squared distance; "poisson" for the highest Poisson likelihood of the
            sequence as counts with the template as rates, which also gives probabilities (all templates alike before).
        static_labels: `(n_static,)` or `(n_static, K)` labels of the templates' first axis; None for 0, 1, ...
        dynamic_labels: `(n_dynamic,)` or `(n_dynamic, K)` labels of the second; None for 0, 1, ...

    Raises:
        ConfigError: `likelihood` is another.
        DataError: Templates have fewer than three axes, are empty or not finite, or are not positive where the
            likelihood is Poisson; numbers of labels differ.
    """

    def __init__(
        self, templates: Any, likelihood: str = "gaussian", static_labels: Any = None, dynamic_labels: Any = None
    ):
        if likelihood not in LIKELIHOODS:
            raise ConfigError(f"likelihood: expected one of {', '.join(LIKELIHOODS)}, got {likelihood!r}.")
        as_rows("templates", templates, n_axes=3)
        templates = np.asarray(templates, dtype=np.float64)
        if likelihood == "poisson" and templates.min() <= 0:
            raise DataError(
                f"templates: expected positive rates for the Poisson likelihood, got {templates.min():g}. Raise them "
                "to a small floor, say 1e-3 of their mean, or take likelihood='gaussian'."
            )
        self.likelihood = likelihood
        self._sizes, self._shape = templates.shape[:2], templates.shape[2:]
        self._templates = templates.reshape(self._sizes[0] * self._sizes[1], -1)
        self._labels = [
            np.arange(size) if labels is None else as_labels(name, labels, size, several=True)
            for name, labels, size in zip(
                ("static_labels", "dynamic_labels"), (static_labels, dynamic_labels), self._sizes, strict=True
            )
        ]

    def static(self, x: Any) -> np.ndarray:
        """Returns the static label of the nearest template of each sequence, `(B,)` or `(B, K)`.

        Raises:
            DataError: Sequences differ from the templates in shape, are not finite, or are negative (Poisson).
        """
        return self._nearest(x, 0)

    def dynamic(self, x: Any) -> np.ndarray:
        """Returns the dynamic label of the nearest template of each sequence; errors as of `static`."""
        return self._nearest(x, 1)

    def static_probabilities(self, x: Any) -> list[np.ndarray] | None:
        """Returns `(B, n_classes)` probabilities of each static attribute; None for squared distances."""
        return self._probabilities(x, 0)

    def dynamic_probabilities(self, x: Any) -> list[np.ndarray] | None:
        """Returns `(B, n_classes)` probabilities of each dynamic attribute; None for squared distances."""
        return self._probabilities(x, 1)

    def _nearest(self, x: Any, axis: int) -> np.ndarray:
        best = np.unravel_index(self._scores(x).argmax(axis=1), self._sizes)
        return self._labels[axis][best[axis]]

    def _probabilities(self, x: Any, axis: int) -> list[np.ndarray] | None:
        if self.likelihood != "poisson":
            return None
        scores = self._scores(x)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True)).reshape(-1, *self._sizes)
        marginal = weights.sum(axis=2 - axis) / weights.sum(axis=(1, 2))[:, None]
        labels = self._labels[axis].reshape(self._sizes[axis], -1)
        return [marginal @ (column[:, None] == np.unique(column)).astype(float) for column in labels.T]

    def _scores(self, x: Any) -> np.ndarray:
        """Returns `(B, templates)` log-likelihoods up to a constant of each sequence."""
        if np.shape(x)[1:] != self._shape:
            raise DataError(
                f"x: expected sequences of shape {self._shape}, as the templates, got {np.shape(x)[1:]}. Decode the "
                "bins and channels that the templates have."
            )
        rows = as_rows("x", x)
        if self.likelihood == "gaussian":
            return rows @ self._templates.T - 0.5 * (self._templates**2).sum(axis=1)
        if rows.min() < 0:
            raise DataError(
                f"x: expected rates or counts of at least 0 for the Poisson likelihood, got {rows.min():g}. Give "
                "rates, not their logarithms."
            )
        return rows @ np.log(self._templates).T - self._templates.sum(axis=1)
