"""What a population is asked for: parameters and settings, checked before anything is trained."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from indl_vae.data import load_for
from indl_vae.data.dataset import Dataset
from indl_vae.errors import ConfigError, RunError
from indl_vae.params import Params, dump_yaml, load_yaml, params_of_layers
from indl_vae.params.aliases import key_table
from indl_vae.params.field import SearchRange, spec_of
from indl_vae.params.keys import canonical_key
from indl_vae.tuning.argument import plain
from indl_vae.tuning.locks import lock
from indl_vae.tuning.pbt.hyper_parameter import HyperParameter
from indl_vae.tuning.pbt.population_settings import PopulationSettings

FILE, LOCK = "population.yaml", ".population.lock"
#: Scores that a member cannot improve by passing on the spikes that its encoder saw.
HONEST = ("hidden", "heldout_channels")


class PopulationPlan(NamedTuple):
    """Parameters of all members, settings of the population, data.

    Attributes:
        params: What the members have in common; values of the space stand in for first ones.
        settings: With the space filled in.
        source: Path of the data.
        sha256: Of the data.
        burn_in: Epochs of the first generation besides those of every one.
    """

    params: Params
    settings: PopulationSettings
    source: str
    sha256: str
    burn_in: int

    def as_written(self) -> dict[str, Any]:
        """Returns the plan as population.yaml holds it."""
        return {
            **plain({**self.params}, "params"),
            "data": {"source": self.source, "sha256": self.sha256},
            "population": self.settings.model_dump(mode="json") | {"burn_in": self.burn_in},
        }


def make_plan(
    data: str | Path,
    family: str | None = None,
    config: str | Path | None = None,
    preset: str | None = None,
    settings: Mapping[str, Any] | None = None,
    **changes: Any,
) -> PopulationPlan:
    """Returns the checked plan of a population.

    Args:
        data: Data file.
        family: Of the members; None for that of the configuration file, or autolfads.
        config: YAML file of parameters; its key `population` holds settings of the population.
        preset: Set of values to start from, under the file.
        settings: Parameters that win over both.
        **changes: Settings of the population that win over the file; None leaves them.

    Raises:
        ConfigError: Something is not accepted, or cannot be changed while training, or would let a member win by
            copying spikes.
        DataError: The data cannot be used.
    """
    written = dict(load_yaml(config)) if config is not None else {}
    population = PopulationSettings.read(written.pop("population", {}), **changes)
    written.pop("data", None)  # of a population.yaml that is used once more
    name = family or str(written.get("family", "autolfads"))
    fixed = {key: plain(value, key) for key, value in (settings or {}).items()}
    params = params_of_layers(name, written, {**({"preset": preset} if preset else {}), **fixed})
    population = _with_space(params, population)
    params = _checked(params, population)
    dataset = load_for(params, str(Path(data).absolute()))
    burn_in = _ramps(params, dataset) if population.burn_in is None else population.burn_in
    return PopulationPlan(params, population, dataset.source, dataset.sha256, burn_in)


def _with_space(params: Params, population: PopulationSettings) -> PopulationSettings:
    """Fills an empty space with the declared ranges of the live parameters that the model has."""
    live = type(params).live_fields()
    if not population.space:
        ranges = {name: spec_of(type(params).model_fields[name]).search for name in live}
        found = {
            name: HyperParameter.of_range(one)
            for name, one in ranges.items()
            if isinstance(one, SearchRange) and params[name]
        }
        return population.model_copy(update={"space": found})
    space = {}
    for key, one in population.space.items():
        name = next(iter(changed)) if (changed := _names(params, key)) else key
        if name not in live:
            raise ConfigError(
                f"population.space.{key}: expected a parameter that may change while training ({', '.join(live)}). "
                "Search others with `indl-vae tune` or `indl-vae scan`."
            )
        space[name] = one
    return population.model_copy(update={"space": space})


def _names(params: Params, key: str) -> list[str]:
    """Returns the field that a name stands for, by what setting it resolves to."""
    found = key_table((type(params),)).get(canonical_key(key))
    return [found[0]] if found else []


def _checked(params: Params, population: PopulationSettings) -> Params:
    """Returns the parameters as the members take them; refuses what works against the population."""
    for value in ("low", "high"):
        bounds = {name: getattr(one, value) or 1e-6 for name, one in population.space.items()}
        params.replace(**bounds)  # every value of the space must be one of the parameter
    first = {name: one.initial or (one.low + one.high) / 2 for name, one in population.space.items()}
    params = params.replace(**first, patience=0)
    if params.select_on not in HONEST:
        raise ConfigError(
            f"select_on: expected one of {', '.join(HONEST)}, got {params.select_on!r}, which a member improves by "
            "copying the spikes that its encoder sees. Set select_on=hidden."
        )
    if "learning_rate" in population.space and (params.lr_rule != "none" or params.lr_warmup_steps):
        raise ConfigError(
            "lr_rule: expected none, and no lr_warmup_steps, where the population sets the learning rate, got "
            f"{params.lr_rule!r} and {params.lr_warmup_steps}. Set lr_rule=none, or leave learning_rate out of the "
            "space."
        )
    for name in ("stages", "restarts"):
        if params.get(name):
            raise ConfigError(f"{name}: expected none in a population, got {params[name]!r}. Leave it out.")
    return params


def _ramps(params: Params, dataset: Dataset) -> int:
    """Returns the epochs until all ramps have ended, before which scores do not compare."""
    names = [f"{kind}_ramp" for kind in ("kl", "l2", "kl_f", "kl_z")]
    ends = [(params.get(f"{name}_start") or 0) + (params.get(f"{name}_length") or 0) for name in names]
    if params.ramp_unit == "step":
        return math.ceil(max(ends) / max(1, dataset.train.n_trials // params.batch_size))
    return max(ends)


@contextlib.contextmanager
def claimed(out: Path, plan: PopulationPlan) -> Iterator[None]:
    """Makes a folder that of a population and of nobody else while that works in it.

    Raises:
        RunError: There is something else in the folder, or another population, or one that is being worked on.
    """
    if out.exists() and not out.is_dir():
        raise RunError(f"{out}: expected a folder for the population, found a file. Choose another --out.")
    if not (out / FILE).exists() and out.exists() and any(path.name[0] != "." for path in out.iterdir()):
        raise RunError(f"{out}: there is something in this folder that is no population. Choose another --out.")
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOCK).open("ab") as file:
        if not lock(file):
            raise RunError(f"{out}: another population is at work in this folder. Wait for its end, or choose another.")
        now = plan.as_written()
        if (out / FILE).exists():
            _check_same(out, load_yaml(out / FILE), now)
        part = out / f".{FILE}.part"
        dump_yaml(now, part)
        os.replace(part, out / FILE)
        yield


def _check_same(out: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuses another population than the one of the folder; more generations may be asked for."""
    may_differ = {"population": ("generations", "patience", "min_improvement"), "data": ("source",)}
    differ = [
        f"{key} (was {before.get(key)!r}, now {now.get(key)!r})"
        for key in {**before, **now}
        if _without(before.get(key), may_differ.get(key, ())) != _without(now.get(key), may_differ.get(key, ()))
    ]
    if differ:
        raise RunError(
            f"{out}: holds a population that differs in {'; '.join(differ)}. Choose another folder, or ask for what "
            f"{out / FILE} says; only generations, patience and min_improvement may change."
        )


def _without(value: Any, names: tuple[str, ...]) -> Any:
    return {key: one for key, one in value.items() if key not in names} if isinstance(value, Mapping) else value
