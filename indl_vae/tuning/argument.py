"""An argument of a scan: a parameter and the values to try."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from indl_vae.errors import ConfigError

#: Name of what has no argument to be named by.
UNNAMED = "scan"
_FORBIDDEN = set("/\\\0")


@dataclass(frozen=True)
class Argument:
    """A parameter of a family, or an alias of one, and its values.

    `Argument("dim_z", [5, 6], add_to_name_as="z")` names its runs z5 and z6.

    Attributes:
        name: Of the parameter.
        values: The values.
        add_to_name_as: What the name of a run says of it, in front of the value; needed with more than one value.

    Raises:
        ConfigError: There is no value, or several and nothing to tell their runs apart by.
    """

    name: str
    values: Sequence[Any]
    add_to_name_as: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", list(self.values))
        if not self.values:
            raise ConfigError(f"{self.name}: expected at least one value to try, got none.")
        if len(self.values) > 1 and not self.add_to_name_as:
            raise ConfigError(
                f"{self.name}: has {len(self.values)} values and no add_to_name_as, so their runs would share a name. "
                "Give one or two letters, as 'z' for z5 and z6."
            )
        labels = [self.label(value) for value in self.values]
        if len(set(labels)) < len(labels) and self.add_to_name_as:
            raise ConfigError(f"{self.name}: expected values with names of their own, got {', '.join(labels)}.")
        if any(set(label) & _FORBIDDEN or label.startswith(".") for label in labels):
            raise ConfigError(f"{self.name}: expected values that can be part of a folder's name, got {self.values}.")

    def label(self, value: Any) -> str:
        """Returns the part of a run's name that says this value, empty where nothing is to be said."""
        if not self.add_to_name_as:
            return ""
        return self.add_to_name_as + (_joined(value) if isinstance(value, (list, tuple)) else str(value))


def combinations(arguments: Sequence[Argument]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields name and settings of every combination of values, the first argument's changing most slowly.

    Raises:
        ConfigError: A parameter stands in two arguments.
    """
    names = [argument.name for argument in arguments]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ConfigError(f"{twice[0]}: expected one argument for each parameter, got two. Put all values into one.")
    for values in itertools.product(*(argument.values for argument in arguments)):
        labels = [argument.label(value) for argument, value in zip(arguments, values, strict=True)]
        yield "".join(labels) or UNNAMED, dict(zip(names, values, strict=True))


def _joined(values: Sequence[Any]) -> str:
    return "-".join(_joined(value) if isinstance(value, (list, tuple)) else str(value) for value in values)
