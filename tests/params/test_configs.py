"""Every file in configs/ is one that the parameters accept."""

from __future__ import annotations

from pathlib import Path

import pytest

from indl_vae.params import Params

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))


def test_there_is_one_of_every_built_family():
    assert {Params.from_yaml(path).family for path in CONFIGS} >= {"lfads", "dsae", "fhvae"}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configurations_are_accepted(path):
    params = Params.from_yaml(path)
    assert Params.from_yaml(params.to_yaml()) == params
