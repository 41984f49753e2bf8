"""What is said of a run that no longer has finite numbers."""

from __future__ import annotations

import math
from typing import Any

from indl_vae.training.divergence_guard import Trouble
from indl_vae.training.first_bad_trial import BadTrial


def bad_trial_in_words(found: BadTrial | None) -> str:
    """Returns sentences on the first bad trial and term; empty where none was found."""
    if found is None:
        return ""
    words = [_first_words(found)]
    if found.weights:
        words.append(f"Weights that are not finite: {_listed(found.weights)}.")
    return " ".join(words)


def divergence_in_words(
    trouble: Trouble, found: BadTrial | None, rollbacks: int, rate: float, is_best_kept: bool
) -> str:
    """Returns the message of a run that ends: what, where, after what, and what to try.

    Args:
        trouble: What is not finite.
        found: The first bad trial.
        rollbacks: How often the run went back to its last good state.
        rate: The learning rate at the end.
        is_best_kept: Whether there is a model from before.
    """
    again = (
        "" if not rollbacks else f" after {rollbacks} returns to the last good epoch, each at half the learning rate"
    )
    return " ".join(
        part
        for part in (
            f"Training diverged: {trouble.what} in epoch {trouble.epoch + 1}{again}.",
            bad_trial_in_words(found),
            "The best model before it is kept." if is_best_kept else "",
            _advice(found, rate),
        )
        if part
    )


def divergence_as_json(
    trouble: Trouble, found: BadTrial | None, rollbacks: int, rate: float, step: int
) -> dict[str, Any]:
    """Returns the same as plain values."""
    content: dict[str, Any] = {
        "what": trouble.what,
        "epoch": trouble.epoch + 1,
        "step": step,
        "learning_rate": rate if math.isfinite(rate) else None,
        "rollbacks": rollbacks,
        "bad_trial": None,
        "advice": _advice(found, rate),
    }
    if found is not None:
        largest = found.largest if found.largest is None or math.isfinite(found.largest) else str(found.largest)
        content["bad_trial"] = {**found._asdict(), "largest": largest, "weights": list(found.weights)}
    return content


def _first_words(found: BadTrial) -> str:
    term = f"first bad term: {found.term}" if found.term else "no term alone"
    if found.trial is None:
        return f"No trial of the batch is bad by itself; {term}."
    data = {"train": "training", "valid": "validation"}[found.split]
    session = "" if found.session is None else f" (trial {found.trial_of_session} of session {found.session!r})"
    others = "the trials after it in the batch are finite" if found.alone else "others of the batch are bad too"
    return (
        f"First bad trial: {found.trial} of the {data} data, counted from 0{session}; its largest value is "
        f"{found.largest:g}, in bin {found.bin}, channel {found.channel}; {others}; {term}."
    )


def _advice(found: BadTrial | None, rate: float) -> str:
    this_trial = found is not None and found.trial is not None and found.alone and not found.weights
    look = "Look at this trial, and mask or leave out what is wrong in it. " if this_trial else ""
    return (
        f"{look}Try a lower learning rate (it is {rate:g}; try --set learning_rate={rate / 4:.2g}), a lower "
        "max_grad_norm, clip_log_rate=true, or a longer KL ramp (kl_ramp_length); `indl-vae inspect` shows channels "
        "with extreme counts."
    )


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
