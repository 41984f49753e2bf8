"""What a population is asked for: parameters and settings, checked before anything is trained."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from indl_vae.data import load_for
from indl_vae.data.dataset import Dataset
from indl_vae.errors import ConfigError, RunError
from indl_vae.params import Params, When, load_yaml
from indl_vae.params.aliases import key_table
from indl_vae.params.field import spec_of
from indl_vae.params.keys import canonical_key
from indl_vae.tuning.argument import plain
from indl_vae.tuning.claimed_folder import claimed_folder
from indl_vae.tuning.combinations import Shared
from indl_vae.tuning.pbt.hyper_parameter import HyperParameter
from indl_vae.tuning.pbt.population_settings import PopulationSettings
from indl_vae.tuning.search_space import SearchSpace
from indl_vae.tuning.selection import check_selection, epochs_of_ramps

FILE = "population.yaml"


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
    shared = Shared(name, preset, written, fixed)
    params = shared.params({})
    dataset = load_for(params, str(Path(data).absolute()))
    population = population.model_copy(update={"space": _space(shared, population.space, dataset)})
    params = _checked(params, population)
    compare = _epochs_until_scores_compare(params, dataset)
    burn_in = compare if population.burn_in is None else population.burn_in
    return PopulationPlan(params, population, dataset.source, dataset.sha256, burn_in)


def _space(shared: Shared, asked: Mapping[str, HyperParameter], dataset: Dataset) -> dict[str, HyperParameter]:
    """Returns the hyperparameters under the names of fields; where none are asked for, those that declare a range."""
    params = shared.params({})
    if asked:
        return {_live_name(params, key): one for key, one in asked.items()}
    declared = SearchSpace(shared, None, (dataset.train.n_bins, dataset.train.n_channels)).dimensions
    ranges = {one.name: one.span for one in declared if one.span is not None}
    live = [name for name in type(params).live_fields() if params[name] and name in ranges]
    if not live:
        raise ConfigError(f"population.space: {shared.family} declares no ranges of live parameters. Name some.")
    return {name: HyperParameter.of_range(ranges[name]) for name in live}


def _live_name(params: Params, key: str) -> str:
    """Returns the field that a name stands for, which must be live and act in a model of these parameters."""
    live = type(params).live_fields()
    name, alias = key_table((type(params),)).get(canonical_key(key), (key, None))
    if alias is not None and (alias.convert or alias.also):
        raise ConfigError(
            f"population.space.{key}: stands for {name}, but its values mean something else. Give the range of {name}."
        )
    if name not in live:
        raise ConfigError(
            f"population.space.{key}: expected a parameter that may change while training ({', '.join(live)}). "
            "Search others with `indl-vae tune` or `indl-vae scan`."
        )
    if unmet := [str(one) for one in spec_of(type(params).model_fields[name]).when if not _is_met(params, one)]:
        raise ConfigError(
            f"population.space.{key}: has no effect here, only where {' and '.join(unmet)}. Leave it out."
        )
    return name


def _is_met(params: Params, condition: When) -> bool:
    there = [field for field in condition.fields if field in params]
    return any(condition.holds(params[field]) for field in there) if there else condition.absent


def _checked(params: Params, population: PopulationSettings) -> Params:
    """Returns the parameters as the members take them; refuses what works against the population."""
    check_selection(params)
    if "learning_rate" in population.space and (params.lr_rule != "none" or params.lr_warmup_steps):
        raise ConfigError(
            "lr_rule: expected none, and no lr_warmup_steps, where the population sets the learning rate, got "
            f"{params.lr_rule!r} and {params.lr_warmup_steps}. Set lr_rule=none, or leave learning_rate out of the "
            "space."
        )
    for name in ("stages", "restarts"):
        if params.get(name):
            raise ConfigError(f"{name}: expected none in a population, got {params[name]!r}. Leave it out.")
    for value in ("low", "high"):
        bounds = {name: getattr(one, value) or 1e-6 for name, one in population.space.items()}
        params.replace(**bounds)  # every value of the space must be one of the parameter
    first = {name: one.initial or (one.low + one.high) / 2 for name, one in population.space.items()}
    return params.replace(**first, patience=0)


def _epochs_until_scores_compare(params: Params, dataset: Dataset) -> int:
    """Returns the epochs until all ramps have ended."""
    return epochs_of_ramps(params, max(1, dataset.train.n_trials // params.batch_size)) - 1


def claimed(out: Path, plan: PopulationPlan) -> contextlib.AbstractContextManager[None]:
    """Makes a folder that of a population and of nobody else while that works in it.

    Raises:
        RunError: There is something else in the folder, or another population, or one that is being worked on.
    """
    return claimed_folder(out, "population", plan.as_written(), lambda before, now: _check_same(out, before, now))


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
