"""All combinations of the values of a scan's arguments, each checked as a configuration of its own."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from indl_vae.errors import ConfigError
from indl_vae.params import Params, load_yaml, params_of_layers
from indl_vae.params.aliases import field_of
from indl_vae.tuning.argument import RUN, Argument, plain

#: Name of what has no argument to be named by.
UNNAMED = "scan"
#: Files of the scan's own, beside which the folders of the combinations lie.
OWN_FILES = ("scan.yaml", "scan.csv", "scan_summary.csv")


@dataclass(frozen=True)
class Shared:
    """What all runs of a scan have in common.

    Attributes:
        family: Name of the family.
        preset: Set of values to start from, or None.
        written: Keys of the configuration file.
        fixed: Settings, which win over both.
    """

    family: str
    preset: str | None
    written: Mapping[str, Any]
    fixed: Mapping[str, Any]

    def params(self, chosen: Mapping[str, Any]) -> Params:
        """Returns the parameters with the values that were chosen, as `indl-vae train` would take them from --set.

        Raises:
            ConfigError: A key or value is not accepted, or a parameter is given twice.
        """
        changes = {**({"preset": self.preset} if self.preset else {}), **self.fixed, **chosen}
        return params_of_layers(self.family, self.written, changes)


class Combination(NamedTuple):
    """A value of each argument: the name that they come to, themselves, and the parameters with them."""

    name: str
    chosen: dict[str, Any]
    params: Params


def shared_settings(
    family: str | None, config: str | Path | None, preset: str | None, settings: Mapping[str, Any] | None
) -> Shared:
    """Returns what all runs share; the family is that of the configuration file, or lfads, where none is named.

    Raises:
        ConfigError: The file cannot be read, or a setting is no plain value.
    """
    written = load_yaml(config) if config is not None else {}
    name = family or str(written.get("family", "lfads"))
    return Shared(name, preset, written, {key: plain(value, key) for key, value in (settings or {}).items()})


def combine(shared: Shared, arguments: Sequence[Argument]) -> list[Combination]:
    """Returns every combination of values, the first argument's changing most slowly; an argument run is passed over.

    Raises:
        ConfigError: A combination is not accepted (the message begins with its name), a parameter stands in two places,
            or two combinations have one name.
    """
    varied = [argument for argument in arguments if argument.name != RUN]
    _check_names([argument.name for argument in arguments], shared.fixed)
    made: dict[str, Combination] = {}
    for values in itertools.product(*(argument.values for argument in varied)):
        pairs = list(zip(varied, values, strict=True))
        name = "".join(argument.label(value) for argument, value in pairs) or UNNAMED
        _check_free(name, made)
        chosen = {argument.name: value for argument, value in pairs}
        made[name.casefold()] = Combination(name, chosen, _params(shared, chosen, name))
    return list(made.values())


def sets_seed(params: Params, arguments: Sequence[Argument]) -> bool:
    """Returns whether one of the arguments is the seed, under whatever name."""
    return any(field_of(type(params), argument.name) == "seed" for argument in arguments)


def _params(shared: Shared, chosen: Mapping[str, Any], name: str) -> Params:
    try:
        return shared.params(chosen)
    except ConfigError as error:
        values = ", ".join(f"{key} = {value!r}" for key, value in chosen.items())
        raise ConfigError(f"{name} ({values}): {error}" if values else f"{name}: {error}") from error


def _check_names(names: Sequence[str], fixed: Mapping[str, Any]) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ConfigError(f"{twice[0]}: expected one argument for each parameter, got two. Put all values into one.")
    both = [name for name in names if name in fixed]
    if both:
        raise ConfigError(
            f"{both[0]}: stands in the arguments and in the settings, expected in one of them. Leave the setting out."
        )


def _check_free(name: str, made: Mapping[str, Combination]) -> None:
    """Refuses a folder that is taken; some file systems do not tell upper from lower case."""
    if name.casefold() in made or name in OWN_FILES:
        taken = made[name.casefold()].name if name.casefold() in made else name
        raise ConfigError(
            f"{name}: expected a name of its own for each combination, but {taken} is taken. Choose another "
            "add_to_name_as."
        )
