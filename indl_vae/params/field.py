"""How one parameter is declared: its default, meaning, bounds, search range, marks and other names, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo

from indl_vae.errors import ConfigError

_SCALES = ("linear", "log")

Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Alias:
    """Another code's name for a field.

    Attributes:
        name: The other name, in lower case with underscores; upper-case and dotted spellings are matched to it.
        convert: Turns the other code's value into the field's; None when they are the same.
        also: Further settings that using this name implies, as (field, value) pairs, or a function that makes them of
            the value.
    """

    name: str
    convert: Callable[[Any], Any] | None = None
    also: Pairs | Callable[[Any], Pairs] = ()

    def read(self, field: str, value: Any) -> dict[str, Any]:
        """Returns the settings that `value` under this name stands for."""
        implied = self.also(value) if callable(self.also) else self.also
        return {field: self.convert(value) if self.convert else value, **dict(implied)}


@dataclass(frozen=True)
class SearchRange:
    """The range of a number that tuners draw from and perturb within, on a "linear" or "log" scale."""

    low: float
    high: float
    scale: str = "linear"

    def __str__(self) -> str:
        return f"{self.low:g} .. {self.high:g} ({self.scale})"


@dataclass(frozen=True)
class When:
    """A condition of another field, without which a field has no effect, so that a search leaves it alone.

    Attributes:
        field: Name of the other field, or of several, one of which has to fulfil the condition.
        values: What its value has to be; empty for `above`.
        above: What it has to exceed, where there are no `values`.
        absent: What holds in a family that has no such field.
    """

    field: str | tuple[str, ...]
    values: tuple[Any, ...] = ()
    above: float = 0.0
    absent: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the other fields."""
        return (self.field,) if isinstance(self.field, str) else self.field

    def holds(self, value: Any) -> bool:
        """Returns whether a value of the other field fulfils the condition."""
        return value in self.values if self.values else bool(value) and value > self.above

    def __str__(self) -> str:
        names = " or ".join(self.fields)
        return f"{names} is {' or '.join(map(str, self.values))}" if self.values else f"{names} > {self.above:g}"


@dataclass(frozen=True)
class ParamSpec:
    """What is known of a field besides its type and default.

    Attributes:
        doc: What the parameter does, in one or two sentences.
        unit: Unit of the value, "" for none.
        bounds: Limits as (operator, number) pairs, for example ((">=", 0),).
        choices: The values allowed, when they are a list of names.
        search: A `SearchRange`, a tuple of values to choose from, or None when the field is not to be searched.
        tune: Whether the field is a tunable parameter rather than a fixed argument.
        live: Whether the field may change while training runs.
        aliases: The other names the field is known by.
        when: Conditions of other fields without which the field has no effect.
    """

    doc: str
    unit: str = ""
    bounds: tuple[tuple[str, float], ...] = ()
    choices: tuple[str, ...] = ()
    search: SearchRange | tuple[Any, ...] | None = None
    tune: bool = False
    live: bool = False
    aliases: tuple[Alias, ...] = ()
    when: tuple[When, ...] = ()

    def __call__(self, schema: dict[str, Any]) -> None:
        """Adds the description to a JSON schema; this is how pydantic carries the object along with the field."""
        schema["description"] = self.doc
        if self.choices:
            schema["enum"] = list(self.choices)
        if self.unit:
            schema["unit"] = self.unit


def param(
    default: Any,
    doc: str,
    *,
    unit: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    choices: tuple[str, ...] = (),
    search: tuple[Any, ...] | None = None,
    tune: bool = False,
    live: bool = False,
    aliases: tuple[str | Alias, ...] = (),
    allow_inf: bool = False,
    when: When | tuple[When, ...] = (),
) -> Any:
    """Declares a parameter as a pydantic field.

    Args:
        default: Value when none is given.
        doc: What the parameter does.
        unit: Unit of the value.
        ge: Smallest value allowed.
        gt: Bound that the value must exceed.
        le: Largest value allowed.
        lt: Bound that the value must stay below.
        choices: The names allowed; any case is accepted.
        search: `(low, high, "log" | "linear")`, or any other tuple of values to choose from.
        tune: Whether it is a tunable parameter rather than a fixed argument.
        live: Whether it may change while training runs.
        aliases: Other names: plain ones, or `Alias` objects that convert the value.
        allow_inf: Whether infinity is a value.
        when: Conditions of other fields, all of them to be fulfilled, without which the parameter has no effect: a
            search draws it only where they are.

    Returns:
        A pydantic field, to be assigned to an annotated name in a group class.

    Raises:
        ConfigError: The declaration itself is wrong: no doc, or a search range that is empty.
    """
    if not doc.strip():
        raise ConfigError("a parameter needs a doc: say in a sentence what it does.")
    limits = {"ge": ge, "gt": gt, "le": le, "lt": lt}
    given = {key: limit for key, limit in limits.items() if limit is not None}
    operators = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
    spec = ParamSpec(
        doc=doc,
        unit=unit,
        bounds=tuple((operators[key], limit) for key, limit in given.items()),
        choices=choices,
        search=_search(search),
        tune=tune,
        live=live,
        aliases=tuple(alias if isinstance(alias, Alias) else Alias(alias) for alias in aliases),
        when=(when,) if isinstance(when, When) else when,
    )
    if isinstance(default, tuple):
        given = {}  # the bounds hold for each entry; the field's type checks them
    extra: dict[str, Any] = {**given, "json_schema_extra": spec}
    if allow_inf:
        extra["allow_inf_nan"] = True
    return Field(default, **extra)


def _search(search: tuple[Any, ...] | None) -> SearchRange | tuple[Any, ...] | None:
    if search is None or len(search) != 3 or search[2] not in _SCALES:
        return search
    low, high, scale = search
    if not low < high or (scale == "log" and low <= 0):
        raise ConfigError(f"search range {search}: expected low < high, and low > 0 on a log scale.")
    return SearchRange(low, high, scale)


def spec_of(field: FieldInfo) -> ParamSpec:
    """Returns what `param` recorded of a field.

    Raises:
        ConfigError: The field was not declared with `param`.
    """
    if not isinstance(field.json_schema_extra, ParamSpec):
        raise ConfigError(
            f"field {field!r} was not declared with param(): give it a default, a doc and bounds that way."
        )
    return field.json_schema_extra
