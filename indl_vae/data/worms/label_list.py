"""The list of labels of a file, which may or may not hold a name for "unknown"."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from indl_vae.data.worms.worm_set import UNKNOWN
from indl_vae.errors import DataError

#: How label 0 is called, in lower case.
_NAMES_OF_UNKNOWN = frozenset({"unknown", "unk", "unlabeled", "unlabelled", "none", "nan", "?", ""})


def labels_with_unknown(names: Sequence[str], highest: int, place: str) -> tuple[str, ...]:
    """Returns labels with "unknown" at 0, so that identity k is the label at k.

    A list whose first name stands for "unknown" is taken as it is. Of one that starts with a neuron, identity k is the
    k-th name; where the highest identity would also fit to places counted from 0, a warning says what was assumed.

    Args:
        names: As stored.
        highest: Highest identity of any neuron.
        place: File and key, for messages.

    Raises:
        DataError: The highest identity has no name.
    """
    names = [str(name).strip() for name in names]
    has_unknown = bool(names) and names[0].casefold() in _NAMES_OF_UNKNOWN
    labels = (UNKNOWN, *(names[1:] if has_unknown else names))
    if highest >= len(labels):
        raise DataError(
            f"{place}: has {len(names)} names, but there is an identity {highest}; expected a name for each, "
            f"with {UNKNOWN!r} in front or without."
        )
    if not has_unknown and highest == len(names) - 1:
        warnings.warn(
            f"{place}: {names[0]!r} comes first and the highest identity is {highest} of {len(names)} names; taken to "
            f"start with identity 1. If {names[0]!r} stands for unknown neurons, call it {UNKNOWN!r}.",
            UserWarning,
            stacklevel=3,
        )
    return labels
