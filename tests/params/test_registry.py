from __future__ import annotations

from pathlib import Path

import pytest

import indl_vae
from indl_vae import registry
from indl_vae.errors import ConfigError
from indl_vae.families.autolfads.params import AutoLFADSParams
from indl_vae.families.lfads.params import LFADSParams
from indl_vae.registry import Registry


@pytest.fixture
def likelihoods() -> Registry:
    table = Registry("likelihood")
    table.register("poisson", "spikes")("a Poisson")
    table.register("gaussian")("a Gaussian")
    return table


def test_objects_are_found_by_name_and_alias_in_any_case(likelihoods):
    assert likelihoods.get("Poisson") == likelihoods.get("SPIKES") == "a Poisson"
    assert likelihoods.names() == ("poisson", "gaussian")
    assert "Gaussian" in likelihoods
    assert "gamma" not in likelihoods
    assert 3 not in likelihoods


def test_register_returns_what_it_decorates():
    table = Registry("cell")

    @table.register("gru")
    class Cell:
        pass

    assert table.get("gru") is Cell


def test_unknown_name_lists_the_valid_ones_and_the_nearest(likelihoods):
    with pytest.raises(ConfigError, match=r"unknown likelihood 'poison': expected one of poisson, gaussian\. Did you"):
        likelihoods.get("poison")
    with pytest.raises(ConfigError, match=r"unknown prior 'x': expected one of \(none is registered\)\.$"):
        Registry("prior").get("x")


def test_a_name_is_registered_once(likelihoods):
    with pytest.raises(ConfigError, match=r"likelihood 'Spikes' is registered twice"):
        likelihoods.register("counts", "Spikes")("another")
    assert "counts" not in likelihoods


def test_families_are_the_packages_in_the_folder():
    folder = Path(registry.__file__).parent / "families"
    expected = tuple(sorted(path.parent.name for path in folder.glob("*/__init__.py")))
    assert indl_vae.families() == registry.family_names() == expected
    assert {"lfads", "autolfads"} <= set(expected)


def test_the_package_of_families_stays_importable_after_the_function_is_used():
    import indl_vae.families.lfads.params as module

    assert indl_vae.families.lfads.params is module
    assert "lfads" in indl_vae.families()


def test_family_params():
    assert registry.family_params("lfads") is LFADSParams
    assert registry.family_params("AutoLFADS") is AutoLFADSParams


def test_unknown_family():
    with pytest.raises(ConfigError, match=r"unknown family 'lfad': expected one of .*lfads.*Did you mean 'lfads'\?"):
        registry.family_params("lfad")
    with pytest.raises(ConfigError, match="unknown family 3"):
        registry.resolve_family(3)


def test_an_alias_of_a_family_fixes_settings(monkeypatch):
    import indl_vae.families.lfads.params as module

    monkeypatch.setattr(module, "ALIASES", {"lfads_small": {"gen_units": 12}}, raising=False)
    assert registry.resolve_family("lfads-small") == ("lfads", {"gen_units": 12})
    params = indl_vae.make_params("lfads_small", n_factors=5)
    assert (params.family, params.gen_units, params.n_factors) == ("lfads", 12, 5)
    assert indl_vae.make_params("lfads", {"family": "lfads_small"}).gen_units == 12


def test_wiring_is_loaded_when_it_is_asked_for(monkeypatch):
    asked = []

    class Wiring:
        @staticmethod
        def wire() -> str:
            return "wired"

    def load(name: str) -> type[Wiring]:
        asked.append(name)
        return Wiring

    monkeypatch.setattr(registry.importlib, "import_module", load)
    assert registry.family_wiring("lfads")() == "wired"
    assert asked == ["indl_vae.families.lfads.wiring"]


def test_families_that_take_the_weights_of_other_codes():
    assert registry.family_weight_assigner("lfads").__name__ == "assign_weights"
    with pytest.raises(ConfigError, match="family 'autolfads' takes no weights of other codes"):
        registry.family_weight_assigner("autolfads")
