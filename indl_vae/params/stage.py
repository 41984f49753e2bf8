"""A further stage of training, and the type of a field that holds several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator


class Stage(BaseModel):
    """A stage of training that begins from the best model of the one before, with an optimizer of its own.

    Attributes:
        n_epochs: Epochs, None to give steps.
        n_steps: Training steps, None to give epochs.
        frozen: What is not trained: "inference" or "generative", the two parts of a family's model, or beginnings of
            the names of its layers.
        learning_rate: Learning rate; None for that of the first stage.
        lr_warmup_steps: Steps over which it is reached.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    n_epochs: int | None = Field(None, ge=1)
    n_steps: int | None = Field(None, ge=1)
    frozen: tuple[str, ...] = ()
    learning_rate: float | None = Field(None, gt=0.0)
    lr_warmup_steps: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _of_some_length(self) -> Self:
        if (self.n_epochs is None) == (self.n_steps is None):
            raise ValueError("expected either n_epochs or n_steps")
        return self

    def plain(self) -> dict[str, Any]:
        """Returns what was set, as plain values."""
        return {**self.model_dump(exclude_defaults=True), **({"frozen": list(self.frozen)} if self.frozen else {})}


def _as_stages(value: Any) -> Any:
    given = () if value is None else (value,) if isinstance(value, (Mapping, Stage)) else value
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ValueError("expected a list of stages, each a mapping with n_epochs or n_steps")
    made = []
    for one in given:
        try:
            made.append((one if isinstance(one, Stage) else Stage(**one)).plain())
        except (TypeError, ValidationError) as error:
            reasons = [e["msg"] for e in error.errors()] if isinstance(error, ValidationError) else [str(error)]
            raise ValueError(f"expected a stage, got {one!r}, which is none: {'; '.join(reasons)}") from error
    return tuple(made)


#: Stages after the first, as plain mappings of what is set.
Stages = Annotated[tuple[dict[str, Any], ...], BeforeValidator(_as_stages)]
