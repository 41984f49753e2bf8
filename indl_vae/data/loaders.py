"""Functions of users that load their own data, by name."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from indl_vae.data.region_trials import RegionTrials, as_region_trials
from indl_vae.errors import ConfigError, DataError
from indl_vae.registry import Registry, nearest_name

T = TypeVar("T", bound=Callable[..., Any])

#: Functions `(**options) -> (ys, us, region_sizes, num_regions)`.
LOADERS = Registry("data loader")


def register_loader(name: str) -> Callable[[T], T]:
    """Returns a decorator that enters a loader under a name.

    A loader returns `(ys, us, region_sizes, num_regions)`: trials `(T_i, N)` as a list, or an array `(n, T, N)`; their
    external inputs likewise, or None; the channels of each region; and the number of regions.

    Raises:
        ConfigError: The name is taken, or has a colon in it.
    """
    if ":" in name:
        raise ConfigError(f"loader {name!r}: expected a name without a colon, which stands for module:function.")
    return LOADERS.register(name)


def load_by_name(name: str, **options: Any) -> RegionTrials:
    """Calls a loader and checks what it returns.

    Args:
        name: Of a registered loader; or "module:function", or "path/to/file.py:function", which is imported: that runs
            the code in it, so name no file that you do not trust.
        **options: Passed to the loader.

    Returns:
        `(ys, us, region_sizes, num_regions)`, checked, for `dataset_of_regions`.

    Raises:
        ConfigError: There is no such loader, or it does not take an option.
        DataError: What it returns is not what a loader returns, or does not fit together.
    """
    loader, place = find_loader(name), f"loader {name}"
    try:
        inspect.signature(loader).bind(**options)
    except TypeError as error:
        raise ConfigError(
            f"{place}: does not take these options ({error}), got {', '.join(options) or 'none'}; its arguments are "
            f"{inspect.signature(loader)}."
        ) from error
    made = loader(**options)
    if not isinstance(made, tuple) or len(made) != 4:
        found = f"{len(made)} values" if isinstance(made, tuple) else type(made).__name__
        raise DataError(f"{place}: returned {found}, expected the four of (ys, us, region_sizes, num_regions).")
    ys, us, region_sizes, num_regions = made
    if region_sizes is None or num_regions is None:
        raise DataError(f"{place}: returned no region_sizes or num_regions; a single region is [N] and 1.")
    return as_region_trials(ys, us, region_sizes, num_regions, place)


def find_loader(name: str) -> Callable[..., Any]:
    """Returns a loader by its name, or by the place of its code; see `load_by_name`.

    Raises:
        ConfigError: There is none.
    """
    if ":" not in name:
        return LOADERS.get(name)
    place, _, function = name.rpartition(":")
    module = import_file(place) if place.endswith(".py") else _import_module(place)
    found = getattr(module, function, None)
    if not callable(found):
        near = nearest_name(function, [key for key, value in vars(module).items() if callable(value)])
        hint = f" Did you mean {near!r}?" if near else ""
        raise ConfigError(f"loader {name!r}: {place} has no function {function!r}.{hint}")
    return found


def import_file(path: str | Path) -> ModuleType:
    """Imports a file of Python code, once: the loaders that it registers are there from then on.

    Raises:
        ConfigError: There is no such file.
    """
    file = Path(path).resolve()
    if not file.is_file():
        raise ConfigError(f"{path}: no such file; expected a .py file with a loader, check the path.")
    # Two files may have one name, and none should take the place of a module.
    name = f"indl_vae_loaders_{file.stem}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: is no Python file; expected one that ends in .py.")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]  # half a module would be taken for the whole one
        raise
    return module


def _import_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name and not name.startswith(f"{error.name}."):
            raise  # the module is there, and what it needs is not
        raise ConfigError(
            f"loader: no module {name!r}; expected module:function of a module that Python finds, or "
            "path/to/file.py:function."
        ) from error
