"""How well codes verify identities: the error rate at which false accepts and false rejects are equally frequent."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.disentanglement.labels import as_labels, as_rows
from indl_vae.errors import DataError

#: Similarities nearer than this are one: rounding alone must not put pairs into an order.
DECIMALS = 12


def equal_error_rate(codes: Any, identities: Any) -> float:
    """Returns the equal error rate of verifying identities by the cosine similarity of codes.

    All pairs of codes are compared; a pair is accepted as of one identity where its similarity reaches a threshold.
    The rate is taken where the straight line between neighbouring thresholds crosses false accepts = false rejects.
    0 is perfect, 0.5 is guessing. This is speaker verification of Hsu et al. (2017,
    arXiv:1709.07902) and of Li and Mandt (2018, arXiv:1803.02991).

    Args:
        codes: `(n, D)`; memory grows with the square of n.
        identities: `(n,)` labels.

    Raises:
        DataError: If codes are not finite or one is all zeros, numbers differ, or there is no pair of one identity or
            none of two.
    """
    from sklearn.metrics import roc_curve

    rows = as_rows("codes", codes)
    labels = as_labels("identities", identities, len(rows))
    # The largest entry goes first, so that squares neither overflow nor vanish.
    largest = np.abs(rows).max(axis=1, keepdims=True)
    if not largest.all():
        raise DataError(
            f"codes: expected codes that are not all zeros, got zeros in row {int(np.argmin(largest))}. A code "
            "without a direction has no cosine; leave it out."
        )
    unit = rows / largest
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    pairs = np.triu_indices(len(rows), k=1)
    same = (labels[:, None] == labels)[pairs]
    if same.all() or not same.any():
        raise DataError(
            "identities: expected pairs of one identity and pairs of two, got "
            f"{int(same.sum())} of one and {int((~same).sum())} of two. Give two or more codes of some identity, and "
            "two or more identities."
        )
    false_accept, accept, _ = roc_curve(same, np.round((unit @ unit.T)[pairs], DECIMALS), drop_intermediate=False)
    # False accepts minus false rejects rises from -1 to 1 at every threshold.
    return float(np.interp(0.0, false_accept - (1.0 - accept), false_accept))
