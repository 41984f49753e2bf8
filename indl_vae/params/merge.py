"""Preset, file and arguments into one set of values; the later wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.params.aliases import Resolved, resolve
from indl_vae.params.translate import translate_cell_type
from indl_vae.registry import nearest_name


def merge_layers(cls: Any, layers: Sequence[Mapping[str, Any]]) -> Resolved:
    """Returns the values that layers of settings come to for a params class.

    Args:
        cls: A params class. Its preset is the one that the last layer naming one asks for.
        layers: Mappings in fields or aliases, the weakest first.

    Raises:
        ConfigError: Unknown key or preset.
    """
    resolved = [resolve(layer, (cls,), _owner(cls)) for layer in layers]
    named = [found.values["preset"] for found in resolved if "preset" in found.values]
    preset = Resolved(_preset(cls, named[-1])) if named and cls.presets else Resolved()
    merged = Resolved()
    for found in (preset, *resolved):
        merged.values.update(translate_cell_type(found.values, _lookup(cls, merged.values)))
        merged.sources.update(found.sources)
    merged.values = {name: value for name, value in merged.values.items() if name in cls.model_fields}
    return merged


def _owner(cls: Any) -> str:
    return cls.model_fields["family"].default or cls.__name__ if "family" in cls.model_fields else cls.__name__


def _lookup(cls: Any, values: Mapping[str, Any]) -> Callable[[str], Any]:
    def current(name: str) -> Any:
        return values[name] if name in values else cls.model_fields[name].default if name in cls.model_fields else None

    return current


def _preset(cls: Any, name: Any) -> dict[str, Any]:
    if isinstance(name, str) and name in cls.presets:
        return {**cls.presets[name], "preset": name}
    near = nearest_name(str(name), cls.presets)
    hint = f" Did you mean {near!r}?" if near else ""
    raise ConfigError(f"preset: expected one of {', '.join(cls.presets)} for {_owner(cls)}, got {name!r}.{hint}")
