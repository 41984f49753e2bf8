"""Names to objects: the `Registry` of every kind of part, and the families found in the package folder.

No TensorFlow here.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from indl_vae.errors import ConfigError

T = TypeVar("T")

_FAMILIES_FOLDER = Path(__file__).parent / "families"


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """Returns the entry of `names` most like `name`, or None when nothing is close enough to be what was meant."""
    by_fold = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def _unknown(kind: str, name: object, names: Iterable[str]) -> ConfigError:
    names = tuple(names)
    near = nearest_name(str(name), names)
    hint = f" Did you mean {near!r}?" if near else ""
    return ConfigError(f"unknown {kind} {name!r}: expected one of {', '.join(names) or '(none is registered)'}.{hint}")


class Registry:
    """A table of the objects of one kind (likelihoods, priors, cells, ...) by name; case does not matter.

    Args:
        kind: What the objects are, as messages call them, for example "likelihood".
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._objects: dict[str, Any] = {}
        self._index: dict[str, str] = {}

    def register(self, name: str, *aliases: str) -> Callable[[T], T]:
        """Returns a decorator that enters a class or function under `name` and `aliases`.

        Raises:
            ConfigError: One of the names is taken already.
        """

        def enter(item: T) -> T:
            for key in (name, *aliases):
                if key.casefold() in self._index:
                    raise ConfigError(f"{self.kind} {key!r} is registered twice: choose another name for {item!r}.")
            self._objects[name] = item
            self._index.update({key.casefold(): name for key in (name, *aliases)})
            return item

        return enter

    def get(self, name: str) -> Any:
        """Returns the object of that name or alias.

        Raises:
            ConfigError: No such name; the message lists the valid ones and the nearest.
        """
        if name not in self:
            raise _unknown(self.kind, name, self.names())
        return self._objects[self._index[name.casefold()]]

    def names(self) -> tuple[str, ...]:
        """Returns the registered names, without aliases, in the order of registration."""
        return tuple(self._objects)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.casefold() in self._index


def family_names() -> tuple[str, ...]:
    """Returns the names of the families: the packages inside `indl_vae/families`."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules([str(_FAMILIES_FOLDER)]) if found.ispkg))


def resolve_family(name: str) -> tuple[str, dict[str, Any]]:
    """Returns the family that `name` stands for and the settings which that name fixes.

    A hyphen counts as an underscore. An alias, such as `dsae_full`, is declared by the family it belongs to, in the
    dict `ALIASES` of its params module: `{"dsae_full": {"variant": "full"}}`.

    Raises:
        ConfigError: No family has that name or alias.
    """
    families = family_names()
    if not isinstance(name, str):
        raise _unknown("family", name, families)
    wanted = name.replace("-", "_").casefold()
    if wanted in families:
        return wanted, {}
    aliases: dict[str, tuple[str, dict[str, Any]]] = {}
    for family in families:
        fixed_by_alias = getattr(_family_module(family, "params"), "ALIASES", {})
        aliases.update({alias: (family, dict(fixed)) for alias, fixed in fixed_by_alias.items()})
    if wanted not in aliases:
        raise _unknown("family", name, (*families, *aliases))
    return aliases[wanted]


def family_params(name: str) -> Any:
    """Returns the params class of a family (`PARAMS` in its params module), loading no TensorFlow.

    Raises:
        ConfigError: No family has that name or alias.
    """
    return _family_module(resolve_family(name)[0], "params").PARAMS


def family_wiring(name: str) -> Callable[..., Any]:
    """Returns the function `wire` of a family's wiring module, which joins builders into a model; loads TensorFlow.

    Raises:
        ConfigError: No family has that name or alias.
    """
    return _family_module(resolve_family(name)[0], "wiring").wire


def family_weight_assigner(name: str) -> Callable[[Any, Any], None]:
    """Returns the function `assign_weights(model, weights)` with which a family takes the weights of other codes.

    Raises:
        ConfigError: No family has that name, or that family takes none.
    """
    return _foreign_weights(name).assign_weights


def family_weight_reader(name: str) -> Callable[[Any], tuple[Any, Any]]:
    """Returns the function `read_weights(model)` that gives a family's weights under the names of other codes.

    Raises:
        ConfigError: No family has that name, or other codes have no such model.
    """
    return _foreign_weights(name).read_weights


def _foreign_weights(name: str) -> Any:
    family = resolve_family(name)[0]
    if importlib.util.find_spec(f"indl_vae.families.{family}.foreign_weights") is None:
        raise ConfigError(f"family {family!r} takes no weights of other codes; expected one that does, as 'lfads'.")
    return _family_module(family, "foreign_weights")


def _family_module(family: str, part: str) -> Any:
    return importlib.import_module(f"indl_vae.families.{family}.{part}")
