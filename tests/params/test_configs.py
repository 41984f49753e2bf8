"""Every file in configs/ is one that the parameters accept."""

from __future__ import annotations

from pathlib import Path

import pytest

from indl_vae.params import Params, dump_yaml, load_yaml

FILES = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
POPULATIONS = [path for path in FILES if "population" in load_yaml(path)]
CONFIGS = [path for path in FILES if path not in POPULATIONS]


def test_there_is_one_of_every_built_family():
    assert {Params.from_yaml(path).family for path in CONFIGS} >= {"lfads", "dsae", "fhvae"}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configurations_are_accepted(path):
    params = Params.from_yaml(path)
    assert Params.from_yaml(params.to_yaml()) == params


@pytest.mark.parametrize("path", POPULATIONS, ids=lambda path: path.stem)
def test_populations_are_accepted_and_vary_what_is_live(path):
    from indl_vae.tuning.pbt.population_settings import PopulationSettings

    written = load_yaml(path)
    population = PopulationSettings.read(written.pop("population"))
    params = Params.from_yaml(dump_yaml(written))
    assert set(population.space) <= set(type(params).live_fields())
    assert params.lr_rule == "none" and params.select_on == "hidden"
    assert len(population.space) == 7, "the published spaces have seven hyperparameters"
