"""How keys are spelt: nested trees are flattened; upper-case and dotted names become lower-case with underscores."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.params.transforms import read_transform

#: Levels of other codes' trees that only group settings and say nothing about which setting it is.
_CONTAINERS = frozenset({"model", "train", "training", "train_aug_stack", "transforms"})
#: Keys whose values are lists of mappings.
_LISTS = frozenset({"stages"})
#: A reference to another key of a Hydra file; the key it refers to is in the file as well.
_REFERENCE = re.compile(r"^\$\{.*\}$")


def canonical_key(*path: str) -> str:
    """Returns the one spelling of a key.

    `MODEL.IC_ENC_DIM`, `IC_ENC_DIM` and `ic_enc_dim` are the same key, as are `TRAIN.LR.INIT` and `lr_init`.

    Args:
        *path: The levels of a nested key, outermost first; each may itself be dotted.
    """
    parts = [
        part.strip("_").lower() if part == "_target_" else part.lower() for level in path for part in level.split(".")
    ]
    kept = [part for part in parts[:-1] if part not in _CONTAINERS]
    return "_".join([*kept, parts[-1]])


def flatten(tree: Mapping[Any, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, str, Any]]:
    """Yields (canonical key, key as written, value) for every leaf of a nested mapping.

    A list of mappings, as lfads-torch has for augmentations, is walked like a mapping. References to other keys of the
    same file (`${model.ic_dim}`) are left out.

    Raises:
        ConfigError: A key is not text, or is empty.
    """
    for key, value in tree.items():
        if not isinstance(key, str) or not key.strip():
            raise ConfigError(f"key {key!r}: expected a name, got {type(key).__name__}. Write parameter names as text.")
        here = (*path, key)
        if isinstance(value, Mapping) and (value or key.lower() in _CONTAINERS):
            yield from flatten(value, here)
        elif key.lower() not in _LISTS and _holds_mappings(value):
            for item in value:
                yield from flatten(read_transform(item), here)
        elif not (isinstance(value, str) and _REFERENCE.match(value)):
            yield canonical_key(*here), ".".join(here), value


def _holds_mappings(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(item, Mapping) for item in value)
