"""Which labels of traces can be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from indl_vae.errors import DataError

#: A label is certain from this confidence up (of 1 to 5).
MIN_CONFIDENCE = 3.0


def trusted_labels(
    entries: Mapping[str, Any], n_neurons: int, place: str, min_confidence: float = MIN_CONFIDENCE
) -> dict[int, str]:
    """Returns the labels that hold for one trace each.

    Left out are labels with a question mark (the side is unknown), traces with alternatives, and labels of a confidence
    below the least, or of none. Of traces of one label, the one of the highest confidence keeps it; of equal ones, the
    first trace.

    Args:
        entries: By trace number, counted from 1, as text: an object with `label` and `confidence`, or a list of them,
            of which several are alternatives.
        n_neurons: Number of traces N.
        place: File and key, for messages.
        min_confidence: Least confidence; 0 takes labels whose confidence is not stated as well.

    Returns:
        Labels by trace number, counted from 0.

    Raises:
        DataError: A trace number is not one, or an entry has no label.
    """
    if not isinstance(entries, Mapping):
        raise DataError(f"{place}: is a {type(entries).__name__}, expected labels by trace number: {{'1': ...}}.")
    best: dict[str, tuple[float, int]] = {}
    numbered = [(_trace(key, n_neurons, place), entry) for key, entry in entries.items()]
    for trace, entry in sorted(numbered, key=lambda pair: pair[0]):
        label, confidence = _judged(entry, f"{place}: {trace + 1}")
        if label and confidence >= min_confidence and confidence > best.get(label, (-math.inf, 0))[0]:
            best[label] = (confidence, trace)
    return {trace: label for label, (_, trace) in best.items()}


def _trace(key: str, n_neurons: int, place: str) -> int:
    text = str(key).strip()
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= n_neurons:
        raise DataError(f"{place}: {key!r} is no trace, expected numbers counted from 1 to {n_neurons}.")
    return number - 1


def _judged(entry: Any, place: str) -> tuple[str, float]:
    """Returns an entry's label, "" where it cannot be told which, and its confidence."""
    options = entry if isinstance(entry, list) else [entry]
    for option in options:
        if not isinstance(option, Mapping) or not isinstance(option.get("label"), str):
            raise DataError(
                f"{place}: expected an object with 'label' (text) and 'confidence', got {str(option)[:80]}."
            )
    if len(options) != 1:
        return "", 0.0
    label = options[0]["label"].strip()
    uncertain = "?" in label or "-alt" in label or any(options[0].get(key) for key in ("alternatives", "alternative"))
    return ("" if uncertain else label), _confidence(options[0].get("confidence"), place)


def _confidence(value: Any, place: str) -> float:
    if value is None:
        return 0.0
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise DataError(f"{place}: confidence: {value!r}, expected a number from 1 to 5.") from None
    return 0.0 if math.isnan(found) else found
