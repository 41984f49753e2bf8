"""The space of a search: which parameters are drawn, from what, and under which values of others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.params import Params, ParamSpec, SearchRange, When, spec_of
from indl_vae.params.aliases import resolve
from indl_vae.params.describe import field_names
from indl_vae.tuning.combinations import Shared
from indl_vae.tuning.declared_values import declared_values
from indl_vae.tuning.dimension import Dimension
from indl_vae.tuning.selection import NOT_SEARCHED, check_searched, check_selection
from indl_vae.tuning.space_words import is_whole, read_space

#: A range of whole numbers with more of them cannot be the condition of another parameter.
_MOST_VALUES = 1000
#: Ways of training in which the first states are set to the observations.
_FORCED = ("teacher_forcing", "generalized_teacher_forcing")


class SearchSpace:
    """The parameters that a search draws.

    A parameter that has no effect under some values of another one (`When`) is drawn with the others only. Of the
    ranges that the fields declare, the part that the family accepts is searched.

    Args:
        shared: What all trials have in common; what its `fixed` sets is not searched.
        space: Field or alias -> a list of values, {low, high, scale}, or None for the range that the field declares;
            only these are searched then. None for all fields that are tunable and declare a range.
        entries: Bins and channels of a trial: the weights of the loss declare ranges for the sum over them, and nothing
            is longer than a trial. None where they are not known.

    Raises:
        ConfigError: Trials would be selected on what the encoders saw; a field that is named is fixed, has no effect,
            must not be searched, or does not accept a value.
    """

    def __init__(
        self, shared: Shared, space: Mapping[str, Any] | None = None, entries: tuple[int, int] | None = None
    ) -> None:
        self.shared = shared
        self.base = shared.params({})
        self._cls = type(self.base)
        check_selection(self.base)
        fixed = set(resolve(shared.fixed, (self._cls,), shared.family).values)
        values = self._asked(space, fixed) if space is not None else self._declared(fixed, entries)
        if space is not None:
            values = {name: self._own(name, entries) if one is None else one for name, one in values.items()}
        self.dimensions = tuple(self._dimensions(values, named=space is not None))
        if not self.dimensions:
            raise ConfigError(
                "space: expected at least one parameter to search, got none. Name some, as --space learning_rate."
            )

    def register(self, hp: Any) -> None:
        """Enters all dimensions into keras-tuner's hyperparameters, whatever they depend on."""
        for dimension in self.dimensions:
            dimension.register(hp)

    def chosen(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """Returns field -> value of what keras-tuner drew; what has no effect is left out."""
        return {one.name: one.value(drawn[one.name]) for one in self.dimensions if drawn.get(one.name) is not None}

    def params(self, drawn: Mapping[str, Any]) -> Params:
        """Returns the parameters of a trial.

        Raises:
            ConfigError: The family does not accept this combination.
        """
        return self.shared.params(self.chosen(drawn))

    def _asked(self, space: Mapping[str, Any], fixed: set[str]) -> dict[str, Any]:
        values = read_space(self._cls, space)
        for name in values:
            check_searched(name)
            if name in fixed:
                raise ConfigError(
                    f"space: {name} is set for all trials, expected it to be searched or set. Leave out one of them."
                )
        return values

    def _declared(self, fixed: set[str], entries: tuple[int, int] | None) -> dict[str, Any]:
        names = [
            name for name in field_names(self._cls) if self._spec(name).tune and self._spec(name).search is not None
        ]
        searched = [name for name in names if name not in fixed and name not in NOT_SEARCHED]
        return {name: values for name in searched if (values := self._own(name, entries)) is not None}

    def _own(self, name: str, entries: tuple[int, int] | None) -> Any:
        search = self._spec(name).search
        return declared_values(search, name, self.base, entries, self._accepts(name, *self._limits(name, entries)))

    def _limits(self, name: str, entries: tuple[int, int] | None) -> tuple[float, float]:
        """Returns what the data allow: no segment longer than a trial, and no fewer states than channels they force."""
        n_bins, n_channels = entries or (math.inf, 0)
        forced = self.base.get("training") in _FORCED and self.base.get("forcing_signal") == "identity"
        least = n_channels if name == "z_latent_size" and forced else -math.inf
        return least, n_bins if self._spec(name).unit == "bins" else math.inf

    def _spec(self, name: str) -> ParamSpec:
        return spec_of(self._cls.model_fields[name])

    def _accepts(self, name: str, least: float, most: float) -> Callable[[Any], bool]:
        limited = (least, most) != (-math.inf, math.inf)

        def accepts(value: Any) -> bool:
            if limited and not least <= value <= most:
                return False
            try:
                self.shared.params({name: value})
            except ConfigError:
                return False
            return True

        return accepts

    def _dimensions(self, values: Mapping[str, Any], named: bool) -> Iterable[Dimension]:
        """Yields the dimensions, those that others depend on first."""
        made: dict[str, Dimension] = {}
        for name in self._in_order(values):
            if values[name] is None:
                raise ConfigError(f"space: {name}: the family accepts none of the values that it declares.")
            parents = self._parents(name, made)
            if parents is None:
                if named:
                    conditions = " and ".join(map(str, self._spec(name).when))
                    raise ConfigError(f"space: {name}: has no effect here, only where {conditions}. Leave it out.")
                continue
            if named:
                self._check_values(name, values[name])
            made[name] = self._dimension(name, values[name], parents)
            yield made[name]

    def _dimension(self, name: str, values: Any, parents: tuple[tuple[str, tuple[Any, ...]], ...]) -> Dimension:
        start = self.base[name]
        start = list(start) if isinstance(start, tuple) else start
        if isinstance(values, SearchRange):
            return Dimension(name, (), values, is_whole(self._cls, name), start, parents)
        return Dimension(name, tuple(values), None, False, start, parents)

    def _in_order(self, values: Mapping[str, Any]) -> list[str]:
        ordered: list[str] = []

        def visit(name: str) -> None:
            for condition in self._spec(name).when:
                for other in condition.fields:
                    if other in values and other != name and other not in ordered:
                        visit(other)
            if name not in ordered:
                ordered.append(name)

        for name in values:
            visit(name)
        return ordered

    def _parents(self, name: str, made: Mapping[str, Dimension]) -> tuple[tuple[str, tuple[Any, ...]], ...] | None:
        """Returns the dimensions that a field depends on, with their values; None where it never has an effect."""
        parents: list[tuple[str, tuple[Any, ...]]] = []
        for condition in self._spec(name).when:
            there = [other for other in condition.fields if other in self._cls.model_fields]
            searched = [other for other in there if other in made and other != name]
            if not there:
                if not condition.absent:
                    return None
            elif any(condition.holds(self.base[other]) for other in there if other not in searched):
                continue
            elif not searched:
                return None
            elif len(searched) == 1:
                found = _fulfilling(made[searched[0]], condition)
                if found == ():
                    return None
                parents += [] if found is None else [(searched[0], found)]
        return tuple(parents)

    def _check_values(self, name: str, values: Any) -> None:
        tried = (values.low, values.high) if isinstance(values, SearchRange) else values
        if isinstance(values, SearchRange) and is_whole(self._cls, name):
            tried = (int(values.low), int(values.high))
            if tried != (values.low, values.high):
                raise ConfigError(f"space: {name}: expected whole numbers, got {values.low:g} .. {values.high:g}.")
        for value in tried:
            try:
                self.shared.params({name: value})
            except ConfigError as error:
                raise ConfigError(f"space: {name} = {value!r}: {error}") from error


def _fulfilling(parent: Dimension, condition: When) -> tuple[Any, ...] | None:
    """Returns the drawn values of a dimension under which a condition holds; None for all of them, or as good as."""
    if parent.choices:
        found = tuple(
            drawn for value, drawn in zip(parent.choices, parent.drawn, strict=True) if condition.holds(value)
        )
        return None if len(found) == len(parent.choices) and not parent.parents else found
    low, high = parent.span.low, parent.span.high
    if not parent.whole or high - low >= _MOST_VALUES:
        return None if condition.values or condition.holds(high) else ()
    every = range(int(low), int(high) + 1)
    found = tuple(value for value in every if condition.holds(value))
    return None if len(found) == len(every) and not parent.parents else found
