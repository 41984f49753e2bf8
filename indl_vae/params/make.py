"""`make_params`: a family's parameters from its name, a mapping and keyword arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.registry import family_params, resolve_family


def make_params(family: str, mapping: Mapping[str, Any] | None = None, **overrides: Any) -> Any:
    """Returns the checked parameters of a model family.

    The preset is the weakest, then `mapping` (for example a configuration file), then `overrides`. Keys are the
    library's field names or their aliases: the flags of run_lfads.py, AutoLFADS's tree (`MODEL.IC_ENC_DIM`, nested or
    dotted) and the names of lfads-torch and indl. Loads no TensorFlow.

    Args:
        family: A name from `indl_vae.families()`, or an alias of a family.
        mapping: Keys and values; nested trees are allowed.
        **overrides: Keys and values that win over those of `mapping`.

    Raises:
        ConfigError: Unknown family, preset or key (the nearest is suggested), or a value that is not accepted.
    """
    if mapping is not None and not hasattr(mapping, "keys"):
        raise ConfigError(
            f"mapping: expected a dict of parameters, got {type(mapping).__name__}. Pass a dict, or keyword arguments."
        )
    return params_of_layers(family, {**mapping} if mapping is not None else {}, overrides)


def params_of_layers(family: str, *layers: Mapping[str, Any]) -> Any:
    """Returns the checked parameters of a model family from mappings of which the later wins; else as `make_params`."""
    name, fixed = resolve_family(family)
    return family_params(name).from_layers(dict(fixed), *(_without_family(layer, name) for layer in layers))


def _without_family(layer: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Takes out a family's name, which must be the one asked for, and puts in what an alias of it fixes."""
    keys = dict(layer)
    if "family" not in keys:
        return keys
    written = keys.pop("family")
    other, fixed = resolve_family(written)
    if other != name:
        raise ConfigError(
            f"family: the settings are those of {written!r}, but {name!r} was asked for. Ask for {other!r}."
        )
    return {**fixed, **keys}
