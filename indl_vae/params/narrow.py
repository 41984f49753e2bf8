"""From the parameters of a whole model to the group that one builder asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from indl_vae.errors import ConfigError
from indl_vae.params.aliases import Resolved, key_table, resolve
from indl_vae.params.base import Params
from indl_vae.params.groups import ALL_GROUPS
from indl_vae.params.translate import translate_cell_type

G = TypeVar("G", bound=Params)


def narrow(group: type[G], params: Params | Mapping[str, Any]) -> G:
    """Returns a group's parameters, picked from those of a model.

    A plain dict may use the seed's keys and every alias. Keys of other groups are passed over, so that one dict
    serves all builders; `gen_cell_type="Complex"` is translated as it is in a family's parameters.

    Args:
        group: The group wanted, a subclass of `Params`.
        params: A `Params` object or a plain dict. Missing keys take the group's defaults.

    Raises:
        ConfigError: A key that no group knows (the nearest is suggested), or a value that is not accepted.
    """
    if type(params) is group:
        return params
    if isinstance(params, Params):
        resolved = Resolved({name: params[name] for name in group.model_fields if name in params})
    elif isinstance(params, Mapping):
        resolved = _from_dict(group, params)
    else:
        raise ConfigError(
            f"params: expected a Params object or a dict, got {type(params).__name__}. Make one with "
            "indl_vae.make_params."
        )
    return group.from_resolved(resolved)


def _from_dict(group: type[Params], keys: Mapping[str, Any]) -> Resolved:
    known = (group, *(other for other in ALL_GROUPS if other is not group))
    elsewhere = key_table(tuple(dict.fromkeys((*known, *_subclasses(Params)))))
    resolved = resolve(keys, known, "any group", pass_over=elsewhere)
    defaults = {name: field.default for cls in reversed(known) for name, field in cls.model_fields.items()}
    resolved.values = translate_cell_type(resolved.values, defaults.get)
    resolved.values = {name: value for name, value in resolved.values.items() if name in group.model_fields}
    return resolved


def _subclasses(cls: type[Params]) -> Iterator[type[Params]]:
    """Yields every params class there is: a family's own fields are known to whoever could pass them."""
    for child in cls.__subclasses__():
        yield child
        yield from _subclasses(child)
