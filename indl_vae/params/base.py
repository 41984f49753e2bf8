"""`Params`: the frozen, flat, checked set of parameters that everything else is derived from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from indl_vae.errors import ConfigError
from indl_vae.params.aliases import Resolved
from indl_vae.params.describe import describe, field_names
from indl_vae.params.field import spec_of
from indl_vae.params.merge import merge_layers
from indl_vae.params.messages import explain
from indl_vae.params.yaml_io import dump_yaml, read_yaml

_NUMBERS = (int, float, int | None, float | None)


class Params(BaseModel):
    """Base of every parameter group and of every family's parameters.

    Groups declare fields with `param`; a family inherits the groups it needs and may change defaults by the class
    keyword `defaults`. An instance is also a read-only mapping: `p["f_units"]`, `"f_units" in p`, `{**p}`.

    Attributes:
        presets: Name -> settings that differ from the family's defaults; empty for groups.
        more_choices: Field -> names a family allows beyond those of the field.

    Raises:
        ConfigError: An unknown key (the nearest is suggested), a value of the wrong type or out of bounds, or values
            that contradict each other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    more_choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init_subclass__(cls, defaults: Mapping[str, Any] | None = None, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)

    @classmethod
    def __pydantic_init_subclass__(cls, defaults: Mapping[str, Any] | None = None, **keywords: Any) -> None:
        super().__pydantic_init_subclass__(**keywords)
        for name, value in (defaults or {}).items():
            cls.model_fields[name].default = value
        if defaults:
            cls.model_rebuild(force=True)

    def __init__(self, /, **keys: Any) -> None:
        self._fill(merge_layers(type(self), [keys]))

    @classmethod
    def from_layers(cls, *layers: Mapping[str, Any]) -> Any:
        """Returns parameters from several mappings in fields or aliases, the later winning over the earlier."""
        return cls.from_resolved(merge_layers(cls, layers))

    @classmethod
    def from_resolved(cls, resolved: Resolved) -> Any:
        """Returns parameters from values whose keys are fields already; no preset is applied."""
        made = cls.__new__(cls)
        made._fill(resolved)
        return made

    def _fill(self, resolved: Resolved) -> None:
        try:
            super().__init__(**resolved.values)
        except ValidationError as error:
            raise ConfigError(explain(error, type(self), resolved.sources)) from error

    @field_validator("*", mode="before")
    @classmethod
    def _plain_value(cls, value: Any, info: ValidationInfo) -> Any:
        """Takes numpy values and any case of a choice, and no booleans for numbers."""
        name = str(info.field_name)
        if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
            value = value.tolist()
        if choices := cls.choices_of(name):
            return _choose(value, choices)
        if isinstance(value, bool) and cls.model_fields[name].annotation in _NUMBERS:
            raise ValueError("a boolean is not a number")
        return value

    @classmethod
    def choices_of(cls, name: str) -> tuple[str, ...]:
        """Returns the names that a field allows, or () when it is not a choice."""
        return spec_of(cls.model_fields[name]).choices + cls.more_choices.get(name, ())

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(f"{name!r} is not a parameter of {type(self).__name__}")
        return getattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in type(self).model_fields

    def keys(self) -> tuple[str, ...]:
        """Returns the names of all parameters, group by group."""
        return field_names(type(self))

    def get(self, name: str, default: Any = None) -> Any:
        """Returns a parameter's value, or `default` when there is no such parameter."""
        return getattr(self, name) if name in self else default

    def replace(self, **changes: Any) -> Any:
        """Returns a copy with some values changed and everything checked again; fields and aliases are accepted.

        Raises:
            ConfigError: A change is not accepted, or asks for another preset or family.
        """
        for name in ("preset", "family"):
            if name in changes and changes[name] != self.get(name):
                raise ConfigError(
                    f"replace: {name} is {self.get(name)!r} and sets many values at once, so it cannot be changed to "
                    f"{changes[name]!r} afterwards. Call make_params with {name} = {changes[name]!r} instead."
                )
        return type(self).from_layers({**self}, changes)

    def arguments(self) -> dict[str, Any]:
        """Returns the parameters that a hyperparameter search leaves alone."""
        return {name: self[name] for name in self.keys() if not spec_of(type(self).model_fields[name]).tune}

    def tunables(self) -> dict[str, Any]:
        """Returns the parameters that a hyperparameter search may choose."""
        return {name: self[name] for name in self.keys() if spec_of(type(self).model_fields[name]).tune}

    @classmethod
    def live_fields(cls) -> tuple[str, ...]:
        """Returns the names of the parameters that may change while training runs."""
        return tuple(name for name in field_names(cls) if spec_of(cls.model_fields[name]).live)

    @classmethod
    def describe(cls, preset: str | None = None) -> list[dict[str, Any]]:
        """Returns a row for every parameter; see `indl_vae.params.describe`."""
        return describe(cls, preset)

    def to_yaml(self, path: str | Path | None = None) -> str:
        """Returns every parameter as YAML text, written to `path` as well when one is given."""
        return dump_yaml({**self}, path)

    @classmethod
    def from_yaml(cls, source: str | Path) -> Any:
        """Returns parameters read from a YAML file or text.

        `Params.from_yaml` takes the family from the file; a family's class needs none in it.

        Raises:
            ConfigError: The file is missing or not usable, or names no family or another one.
        """
        from indl_vae.params.make import make_params

        keys = read_yaml(source)
        own = cls.model_fields["family"].default if "family" in cls.model_fields else ""
        if not own and cls is not Params:
            return cls(**keys)
        if not (own or "family" in keys):
            raise ConfigError(
                f"{source}: expected the key 'family', got {', '.join(keys) or 'nothing'}. Add it, for example "
                "family: lfads."
            )
        return make_params(own or str(keys["family"]), keys)


def _choose(value: Any, choices: tuple[str, ...]) -> str:
    plain = {_fold(choice): choice for choice in choices}
    if not isinstance(value, str) or _fold(value) not in plain:
        raise ValueError("not one of the choices")
    return plain[_fold(value)]


def _fold(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")
