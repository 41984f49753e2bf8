"""Accuracy with which a linear classifier reads a label from codes, and what guessing would achieve."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.disentanglement.labels import as_labels
from indl_vae.analysis.disentanglement.linear_classifier import LinearClassifier


def linear_probe(train_codes: Any, train_labels: Any, test_codes: Any, test_labels: Any) -> float:
    """Trains a logistic regression on codes and returns its accuracy on other sequences.

    Codes are standardised by the training set. Labels of the test set that the training set lacks count as errors.
    Linear probes: Alain and Bengio, 2016 (arXiv:1610.01644).

    Args:
        train_codes: `(B, D)` static codes, or `(B, T, D)` sequences, which are flattened to `(B, T x D)`.
        train_labels: `(B,)`.
        test_codes: Codes of the test sequences, of the same bins and dimensions.
        test_labels: Labels of the test sequences.

    Returns:
        Share of the test sequences whose label is predicted, from 0 to 1; compare with `chance_level(test_labels)`.

    Raises:
        DataError: If codes are empty or not finite, numbers of sequences or shapes differ, a label is missing, or the
            training labels are all the same.
    """
    train_labels = as_labels("train_labels", train_labels, len(train_codes))
    test_labels = as_labels("test_labels", test_labels, len(test_codes))
    probe = LinearClassifier("train_codes", train_codes, train_labels)
    return float(np.mean(probe.predict("test_codes", test_codes) == test_labels))


def chance_level(labels: Any) -> float:
    """Returns the share of the most frequent label of `(B,)`: the accuracy of one who always says the same.

    Raises:
        DataError: If there is no label, or labels have other axes.
    """
    counts = np.unique(as_labels("labels", labels), return_counts=True)[1]
    return float(counts.max() / counts.sum())
