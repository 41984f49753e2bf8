"""An argument of a scan: a parameter and the values to try."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indl_vae.errors import ConfigError

#: Stands for no parameter: its values are the numbers of the runs.
RUN = "run"
_SEPARATORS = set("/\\")


@dataclass(frozen=True)
class Argument:
    """A parameter of a family, or an alias of one, and its values.

    `Argument("dim_z", [5, 6], add_to_name_as="z")` names its runs z5 and z6. An argument called run lists the numbers
    of the runs (from 1) that each combination is trained for, instead of `n_runs`; it has no part in names.

    Attributes:
        name: Of the parameter.
        values: The values; numpy's become Python's, and tuples lists.
        add_to_name_as: What the name of a run says of it, in front of the value; needed with more than one value.

    Raises:
        ConfigError: There is no value; or several and nothing to tell their runs apart by; or a value that a
            configuration file or the name of a folder cannot hold.
    """

    name: str
    values: Sequence[Any]
    add_to_name_as: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", self._plain_values())
        if not self.values:
            raise ConfigError(f"{self.name}: expected at least one value to try, got none. Give a list, as [5, 6].")
        if self.name == RUN:
            self._check_runs()
        elif len(self.values) > 1 and not self.add_to_name_as:
            raise ConfigError(
                f"{self.name}: has {len(self.values)} values and no add_to_name_as, so their runs would share a name. "
                "Give one or two letters, as 'z' for z5 and z6."
            )
        self._check_labels()

    def label(self, value: Any) -> str:
        """Returns the part of a run's name that says this value, empty where nothing is to be said."""
        return self.add_to_name_as + _joined(value) if self.add_to_name_as else ""

    def _plain_values(self) -> list[Any]:
        if isinstance(self.values, (str, bytes, Mapping)) or not hasattr(self.values, "__iter__"):
            raise ConfigError(
                f"{self.name}: expected a list of values to try, got {self.values!r}. Put a single value into a list."
            )
        return [plain(value, self.name) for value in self.values]

    def _check_runs(self) -> None:
        whole = all(isinstance(value, int) and not isinstance(value, bool) and value > 0 for value in self.values)
        if not whole or len(set(self.values)) < len(self.values):
            raise ConfigError(f"{RUN}: expected different whole numbers from 1, got {self.values}. Write [1, 2, 3].")
        if self.add_to_name_as:
            raise ConfigError(
                f"{RUN}: expected no add_to_name_as, got {self.add_to_name_as!r}. Leave it out: every run has a folder "
                "of its own below that of its setting."
            )

    def _check_labels(self) -> None:
        labels = [self.label(value) for value in self.values]
        if self.add_to_name_as and len(set(labels)) < len(labels):
            raise ConfigError(
                f"{self.name}: expected values with names of their own, got {', '.join(labels)}. Leave out what stands "
                "twice."
            )
        bad = [label for label in labels if set(label) & _SEPARATORS or label[:1] == "." or not label.isprintable()]
        if bad:
            raise ConfigError(
                f"{self.name}: expected values that can be part of a folder's name, got {', '.join(map(repr, bad))}. "
                "A single value needs no add_to_name_as."
            )


def plain(value: Any, name: str) -> Any:
    """Returns a value as YAML holds it: numpy's values and tuples become Python's values and lists.

    Raises:
        ConfigError: It has no such form; the message names `name`.
    """
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one, name) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one, name) for one in value]
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise ConfigError(
            f"{name}: expected numbers, text, true, false, null or lists of these, got {type(value).__name__}. Give "
            "the value as a configuration file would."
        )
    return value


def _joined(value: Any) -> str:
    return "-".join(map(_joined, value)) if isinstance(value, list) else str(value)
