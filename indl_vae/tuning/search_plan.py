"""What a search's folder was asked for, so that a second call cannot mix two searches, and workers know their task."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from indl_vae.errors import RunError
from indl_vae.params import SearchRange, load_yaml
from indl_vae.tuning.argument import plain
from indl_vae.tuning.claimed_folder import claimed_folder

NAME = "search"
FILE = f"{NAME}.yaml"
#: What may change when a search goes on.
_MAY_CHANGE = ("trials",)


@dataclass(frozen=True)
class SearchPlan:
    """A search.

    Attributes:
        family: Name of the family.
        preset: Set of values that the trials start from, or None.
        config: Parameters to start from, which are searched all the same.
        settings: Parameters that are the same in all trials.
        space: What is searched; None for what the family declares.
        tuner: Name of the oracle.
        trials: Number of trials; None for a whole sweep of Hyperband.
        epochs: Epochs of a trial; None for those of its parameters.
        seed: Of what is drawn.
        data: Source and SHA-256 of the data.
    """

    family: str
    preset: str | None
    config: Mapping[str, Any]
    settings: Mapping[str, Any]
    space: Mapping[str, Any] | None
    tuner: str
    trials: int | None
    epochs: int | None
    seed: int
    data: Mapping[str, str] = field(default_factory=dict)


def plain_space(space: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Returns a space as a YAML file holds it."""
    if space is None:
        return None
    return {
        str(name): asdict(values) if isinstance(values, SearchRange) else plain(values, str(name))
        for name, values in space.items()
    }


def read_plan(out: Path) -> SearchPlan:
    """Returns what a folder's search was asked for.

    Raises:
        RunError: There is no search in the folder.
    """
    if not (out / FILE).exists():
        raise RunError(f"{out}: expected the folder of a search; {FILE} not found. Start its chief first.")
    return SearchPlan(**load_yaml(out / FILE))


@contextlib.contextmanager
def claimed(out: Path, plan: SearchPlan) -> Iterator[None]:
    """Makes a folder that of a search and of nobody else while that works in it.

    Raises:
        RunError: There is something else in the folder, or another search, or one that is being worked on.
    """
    with claimed_folder(out, NAME, asdict(plan), lambda before, now: _check(out, before, now)):
        yield


def _check(out: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    faults = [
        f"{name} (was {before[name]!r}, now {now[name]!r})"
        for name in now
        if name not in (*_MAY_CHANGE, "data") and _listed(before[name]) != _listed(now[name])
    ]
    if before["data"].get("sha256") != now["data"].get("sha256"):
        faults.append(f"data ({now['data'].get('source')}: another content)")
    if faults:
        raise RunError(
            f"{out}: holds a search that differs in {'; '.join(faults)}. Choose another folder, or ask for what "
            f"{out / FILE} says; the number of trials may change."
        )


def _listed(value: Any) -> Any:
    """Returns a value with lists for tuples, as it is read back from YAML."""
    if isinstance(value, Mapping):
        return {key: _listed(one) for key, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, (list, tuple)) else value
