"""YAML in and out, in the plain subset that has no surprises.

Only JSON's types are read, by the rules of YAML 1.2: `1e-3` is a number, `no`, `on` and `3:40` are text, and a key
may stand once. Tags, which could make Python objects, anchors, and several documents in one file are refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from indl_vae.errors import ConfigError
from indl_vae.whole_file import write_whole

_SCALARS = (
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    ("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ("~", "n", "N", "")),
    ("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        re.compile(
            r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
        ),
        "-+.0123456789",
    ),
)


def _fault(problem: str, where: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=where.start_mark)


class _Loader(yaml.SafeLoader):
    """A safe loader with YAML 1.2's scalars that refuses anchors and repeated keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise _fault("anchors are not read: write the value out", event)
        if getattr(event, "tag", None) is not None:
            raise _fault(f"tag {event.tag!r} is not read: write the plain value", event)
        return super().compose_node(parent, index)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Leaves the merge key `<<` alone: without anchors there is nothing to merge."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _fault(f"key {key!r} is not text: parameters have names", key_node)
            if key in seen:
                raise _fault(f"key {key!r} stands twice: remove one of them", key_node)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        return int(self.construct_scalar(node))


class _Dumper(yaml.SafeDumper):
    """A safe dumper that quotes text which this or an ordinary YAML reader would take for something else."""

    yaml_implicit_resolvers = {first: list(rules) for first, rules in yaml.SafeDumper.yaml_implicit_resolvers.items()}

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _tag, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(_tag, _pattern, list(_first))
    _Dumper.add_implicit_resolver(_tag, _pattern, list(_first))
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Dumper.add_representer(tuple, lambda dumper, data: dumper.represent_list(data))


def load_yaml(path: str | Path) -> dict[str, Any]:
    """Returns the keys of a YAML file.

    Raises:
        ConfigError: The file cannot be read or is not a mapping of names to values.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected a readable YAML file: {error}. Check the path.") from error
    return _parse(text, str(path))


def read_yaml(source: str | Path) -> dict[str, Any]:
    """Returns the keys of a YAML file, or of YAML text: text has a line break or a colon followed by a space.

    Raises:
        ConfigError: As `load_yaml`.
    """
    if isinstance(source, str) and ("\n" in source or ": " in source) and not os.path.exists(source):
        return _parse(source, "YAML text")
    return load_yaml(source)


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        loader = _Loader(text)
        try:
            keys = loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(
            f"{name}: expected YAML of parameter names and values: {error}. Mend the line named."
        ) from error
    if keys is None:
        return {}
    if not isinstance(keys, dict):
        raise ConfigError(
            f"{name}: expected a mapping of parameter names to values, got {type(keys).__name__}. Write name: value "
            "lines."
        )
    return keys


def parse_value(text: str) -> Any:
    """Returns the value that YAML text stands for, as in `--set learning_rate=1e-3`.

    Raises:
        ConfigError: The text is not YAML.
    """
    return _parse("value: " + text, f"value {text!r}").get("value")


def dump_yaml(keys: Mapping[str, Any], path: str | Path | None = None) -> str:
    """Returns keys and plain values as YAML text that reads back exactly, written to `path` as well when one is given.

    Raises:
        ConfigError: The file cannot be written.
    """
    text = yaml.dump(
        dict(keys), Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=10_000
    )
    if path is not None:
        try:
            write_whole(text, path)  # a run whose parameters were cut short could not go on
        except OSError as error:
            raise ConfigError(f"{path}: expected a path to write parameters to: {error}.") from error
    return text
