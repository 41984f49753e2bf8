"""Preset, configuration file and --set into parameters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.params import Params, load_yaml, params_of_layers, parse_value
from indl_vae.run_folder import RunFolder

DEFAULT_FAMILY = "lfads"
#: What may change when a run is resumed.
MAY_CHANGE = ("n_epochs",)


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Returns the keys and values of `KEY=VALUE` texts; of a key that stands twice, the last counts.

    Raises:
        ConfigError: There is no key or no equals sign, or the value is not YAML.
    """
    parsed = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {setting}: expected KEY=VALUE, for example --set learning_rate=1e-3.")
        parsed[key.strip()] = parse_value(value)
    return parsed


def parse_values(written: str, option: str) -> list[Any]:
    """Returns values of YAML between commas; a single list is the list of the values.

    Args:
        written: The values.
        option: What stands in front of them in messages: the option and its text.

    Raises:
        ConfigError: They are not YAML.
    """
    try:
        values = parse_value(f"[{written}]")
    except ConfigError as error:
        raise ConfigError(
            f"{option}: expected values of YAML between commas, got {written!r}. Put text with special characters into "
            "quotes."
        ) from error
    only_list = len(values) == 1 and isinstance(values[0], list)
    return values[0] if only_list else values


def given_params(
    family: str | None,
    preset: str | None,
    config: Path | None,
    settings: Sequence[str],
    start_from: Path | None = None,
) -> Params:
    """Returns the parameters that a command line asks for: the preset, under the file, under the settings.

    Under all of them lie those of the run to start from, if there is one.

    Raises:
        ConfigError: A file cannot be read, or a family, key or value is not accepted.
        RunError: The run to start from is none.
    """
    written = load_yaml(config) if config is not None else {}
    changes = _changes(preset, settings)
    if start_from is not None:
        files = RunFolder(start_from)
        files.check()
        trained = Params.from_yaml(files.params)
        return params_of_layers(trained.family, trained, written, changes)
    name = family or changes.pop("family", None) or written.get("family", DEFAULT_FAMILY)
    return params_of_layers(str(name), written, changes)


def resumed_params(
    files: RunFolder,
    family: str | None,
    preset: str | None,
    config: Path | None,
    settings: Sequence[str],
    reset_learning_rate: bool = False,
) -> Params:
    """Returns the parameters of a run that is to go on, longer if that is asked for, or with another learning rate.

    Raises:
        ConfigError: Another change is asked for, or the run's parameters cannot be read.
    """
    trained = Params.from_yaml(files.params)
    written = load_yaml(config) if config is not None else {}
    named = {} if family is None else {"family": family}
    layers = (written, named, _changes(preset, settings))
    params = params_of_layers(trained.family, trained, *layers)
    may_change = (*MAY_CHANGE, "learning_rate") if reset_learning_rate else MAY_CHANGE
    changed = [name for name, value in {**params}.items() if value != trained[name] and name not in may_change]
    if changed:
        listed = ", ".join(f"{name} = {params[name]!r} (the run has {trained[name]!r})" for name in changed)
        raise ConfigError(
            f"{files.params}: with --resume only {', '.join(may_change)} may change, got {listed}. Leave that out, or "
            "start a new run."
        )
    return params


def _changes(preset: str | None, settings: Sequence[str]) -> dict[str, Any]:
    return ({} if preset is None else {"preset": preset}) | parse_settings(settings)
