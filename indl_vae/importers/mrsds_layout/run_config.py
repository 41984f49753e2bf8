"""The published configuration: what is said of data and outputs, and what of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.importers.mrsds_layout.arguments import Arguments
from indl_vae.numerics import derive_seed
from indl_vae.params import Params, load_yaml, params_of_layers, parse_value

FAMILY = "mrsds"
#: Keys of `training` that are read here alone.
_STEPS = {"log_steps": 500, "save_steps": 500}
_SHARES = {"test_perc": 0.1, "valid_perc": 0.1}
#: Keys of `training` that are read here, and by the family as well.
_DROPS = {"dropout": False, "drop_perc": 0.25}


@dataclass(frozen=True)
class RunConfig:
    """A configuration.

    Attributes:
        tree: All of it, with the settings of the command line.
        data: Its part on data.
        model: What the family's parameters are made of.
        training: log_steps, save_steps, test_perc, valid_perc, dropout and drop_perc, the defaults filled in.
    """

    tree: Mapping[str, Any]
    data: Mapping[str, Any]
    model: Mapping[str, Any]
    training: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def params(self, arguments: Arguments) -> Params:
        """Returns the parameters of the run.

        Raises:
            ConfigError: A key or value is not accepted.
        """
        given = {
            "n_states": arguments.k,
            "region_latents": arguments.d,
            "mtype": arguments.mtype,
            "seed": seed_of(arguments.modelseed, arguments.trainseed),
            "tensorboard": False,  # the events lie beside the run folder
        }
        return params_of_layers(FAMILY, self.model, given, self.settings)


def seed_of(modelseed: int, trainseed: int) -> int:
    """Returns the one seed of a run: that of the model, or, with a seed of the training other than 0, one of both."""
    return modelseed if trainseed == 0 else derive_seed(modelseed, f"train_{trainseed}") % 2**31


def read_config(path: str | Path, settings: Sequence[str] = ()) -> RunConfig:
    """Reads a configuration file.

    Args:
        path: YAML file with data, model, inference and training.
        settings: Texts KEY=VALUE that win over the file: dotted keys of it, or parameters of the family.

    Raises:
        ConfigError: The file or a setting cannot be read, or a value is out of its range.
    """
    tree, further = load_yaml(path), {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {setting}: expected KEY=VALUE, for example --set training.num_steps=100.")
        if not _enter(tree, key.strip().split("."), parse_value(value)):
            further[key.strip()] = parse_value(value)
    return _divide(tree, further, str(path))


def _enter(tree: dict[str, Any], keys: list[str], value: Any) -> bool:
    """Sets a key of the file, below one of its parts, and returns whether it is one."""
    *above, last = keys
    for key in above:
        tree = tree.get(key) if isinstance(tree, dict) else None
    if not above or not isinstance(tree, dict):
        return False
    tree[last] = value
    return True


def _divide(tree: dict[str, Any], further: dict[str, Any], place: str) -> RunConfig:
    data, training = (_part(tree, name, place) for name in ("data", "training"))
    if "data_source" not in data:
        raise ConfigError(
            f"{place}: data.data_source: not there, expected the name of a loader, a synthetic set or a file."
        )
    own = {name: training.get(name, value) for name, value in (_STEPS | _SHARES | _DROPS).items()}
    for name in _STEPS:
        if isinstance(own[name], bool) or not isinstance(own[name], int) or own[name] < 1:
            raise ConfigError(f"{place}: training.{name}: {own[name]!r}, expected a number of steps from 1 up.")
    share = own["drop_perc"]
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
        raise ConfigError(f"{place}: training.drop_perc: {share!r}, expected a share above 0 and below 1.")
    rest = {name: value for name, value in training.items() if name not in {**_STEPS, **_SHARES}}
    model = {name: value for name, value in tree.items() if name not in ("data", "training")} | {"training": rest}
    return RunConfig(tree, data, model, own, further)


def _part(tree: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
    part = tree.get(name)
    if part is not None and not isinstance(part, dict):
        raise ConfigError(f"{place}: {name}: {part!r}, expected keys and values below it.")
    return dict(part or {})
