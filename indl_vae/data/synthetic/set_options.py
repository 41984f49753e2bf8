"""The options of a synthetic set: the keyword arguments of its function, checked before anything is drawn."""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.registry import nearest_name


def check_options(name: str, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Checks that a set knows its options and that their values are of the kind of the defaults.

    Args:
        name: The set's name, for messages.
        function: The set's function.
        options: Values by option.

    Raises:
        ConfigError: An option is unknown; a size is below 1; a number is not finite or not a number.
    """
    known = inspect.signature(function).parameters
    for option, value in options.items():
        if option not in known:
            raise unknown_option(name, option, known)
        expected = _expected(option, value, known[option].default)
        if expected:
            raise ConfigError(f"{name}: {option}: {value!r}, expected {expected}.")


def options_for(function: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Returns those of the options that a set knows."""
    known = inspect.signature(function).parameters
    return {option: value for option, value in options.items() if option in known}


def unknown_option(name: str, option: str, known: Mapping[str, Any]) -> ConfigError:
    """Returns the error about an option that is not among the known ones."""
    near = nearest_name(option, known)
    hint = f" Did you mean {near!r}?" if near else ""
    return ConfigError(f"{name}: unknown option {option!r}, expected some of {', '.join(known)}.{hint}")


def _expected(option: str, value: Any, default: Any) -> str | None:
    """Returns what was expected in place of a value that cannot be, or None where it can."""
    if isinstance(default, bool):
        return None if isinstance(value, bool) else "true or false"
    if isinstance(default, numbers.Integral):
        least = 1 if option.startswith("n_") else 0
        whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        return None if whole and value >= least else f"a whole number from {least}"
    if isinstance(default, float):
        finite = isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
        return None if finite else "a finite number"
    return None
