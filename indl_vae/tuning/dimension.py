"""One searched parameter: the values it is drawn from, and where it is drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from indl_vae.params import SearchRange


@dataclass(frozen=True)
class Dimension:
    """A searched parameter.

    Attributes:
        name: Of the field.
        choices: Values to choose from, or empty for a range.
        span: The range, or None for choices.
        whole: Whether numbers of the range are whole.
        start: A value that it has at first, where nothing is drawn.
        parents: Other dimensions and their drawn values that it is drawn with; with others it has no effect.
    """

    name: str
    choices: tuple[Any, ...] = ()
    span: SearchRange | None = None
    whole: bool = False
    start: Any = None
    parents: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    @property
    def drawn(self) -> tuple[Any, ...]:
        """The choices as keras-tuner takes them: numbers, text or truths, all of one type; others as JSON text."""
        return tuple(map(self._as_drawn, self.choices))

    def value(self, drawn: Any) -> Any:
        """Returns the value of the field that a drawn one stands for."""
        if self.choices and self._as_text:
            return json.loads(drawn)
        return int(drawn) if self.whole else drawn

    def register(self, hp: Any) -> None:
        """Enters the dimension into keras-tuner's hyperparameters, unless it is there.

        Its conditions are what `hp.conditional_scope` makes of them; such scopes can only be nested where each parent
        stands in those of the others.

        Args:
            hp: A `keras_tuner.HyperParameters`.
        """
        from keras_tuner.src.engine.conditions import Parent

        conditions = [Parent(name, list(values)) for name, values in self.parents]
        hp.merge([self._parameter(conditions)], overwrite=False)

    def _parameter(self, conditions: list[Any]) -> Any:
        from keras_tuner.src.engine.hyperparameters import hp_types

        if self.choices:
            start = self._as_drawn(self.start) if self.start in self.choices else self.drawn[0]
            return hp_types.Choice(self.name, list(self.drawn), default=start, conditions=conditions)
        low, high, scale = self.span.low, self.span.high, self.span.scale
        start = self.start if isinstance(self.start, (int, float)) and low <= self.start <= high else low
        if self.whole:
            return hp_types.Int(
                self.name, int(low), int(high), sampling=scale, default=int(start), conditions=conditions
            )
        return hp_types.Float(
            self.name, float(low), float(high), sampling=scale, default=float(start), conditions=conditions
        )

    def _as_drawn(self, choice: Any) -> Any:
        if self._as_text:
            return json.dumps(choice)
        return float(choice) if any(isinstance(one, float) for one in self.choices) else choice

    @property
    def _as_text(self) -> bool:
        kinds = {type(choice) for choice in self.choices}
        return not (kinds <= {int, float} or kinds == {str} or kinds == {bool})
