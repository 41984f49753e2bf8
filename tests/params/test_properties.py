"""Properties that hold for the parameters of every family."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indl_vae
from indl_vae.errors import ConfigError
from indl_vae.params import Params, spec_of
from indl_vae.params.groups import ALL_GROUPS
from indl_vae.registry import family_params
from tests.params.strategies import changes

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text("a1:- ", max_size=5)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
FAMILIES = indl_vae.families()
families = pytest.mark.parametrize("family", FAMILIES)


@families
def test_every_field_has_a_doc_and_a_default_that_it_accepts(family):
    cls = family_params(family)
    for name, field in cls.model_fields.items():
        spec = spec_of(field)
        assert spec.doc.strip().endswith("."), name
        assert cls.from_layers({**cls(), name: field.default}) == cls(), name
        if spec.tune:
            assert spec.search is not None, f"{name} is tunable and has no search range"


@families
def test_every_preset_can_be_made(family):
    cls = family_params(family)
    assert "default" in cls.presets
    for preset in cls.presets:
        params = indl_vae.make_params(family, preset=preset)
        assert params.preset == preset
        for name, value in cls.presets[preset].items():
            assert params[name] == value, (preset, name)


@families
def test_no_two_fields_share_a_name(family):
    cls = family_params(family)
    names = list(cls.model_fields)
    names += [alias.name.lower() for field in cls.model_fields.values() for alias in spec_of(field).aliases]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})


@families
@pytest.mark.parametrize("spelling", [str, str.upper, "MODEL.{}".format])
def test_every_plain_alias_means_its_field(family, spelling):
    cls = family_params(family)
    for name, field in cls.model_fields.items():
        for alias in spec_of(field).aliases:
            if alias.convert is None:
                expected = cls(**{name: cls()[name], **dict(alias.also)})
                assert cls.from_layers({spelling(alias.name): cls()[name]}) == expected, alias.name


@families
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_an_alias_and_its_field_are_equivalent(family, data):
    cls = family_params(family)
    chosen = data.draw(changes(cls))
    renamed = {}
    for name, value in chosen.items():
        plain = [
            alias.name for alias in spec_of(cls.model_fields[name]).aliases if alias.convert is None and not alias.also
        ]
        renamed[data.draw(st.sampled_from([name, *plain]))] = value
    assert indl_vae.make_params(family, renamed) == indl_vae.make_params(family, **chosen)


@families
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_yaml_round_trip_is_exact(family, data):
    preset = data.draw(st.sampled_from(sorted(family_params(family).presets)))
    params = indl_vae.make_params(family, data.draw(changes(family_params(family))), preset=preset)
    assert Params.from_yaml(params.to_yaml()) == params
    assert type(params).from_yaml(params.to_yaml()) == params
    assert indl_vae.make_params(family, params) == params


@families
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_replace_changes_what_it_is_asked_to_and_nothing_else(family, data):
    params = indl_vae.make_params(family)
    change = data.draw(changes(type(params)))
    replaced = params.replace(**change)
    assert replaced == indl_vae.make_params(family, **change)
    assert {name for name, value in {**replaced}.items() if value != params[name]} <= set(change)
    assert replaced.replace(**{name: params[name] for name in change}) == params
    assert params == indl_vae.make_params(family)


@pytest.mark.parametrize("group", ALL_GROUPS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_groups_can_be_made_alone(group, data):
    change = data.draw(changes(group))
    made = group(**change)
    assert made == group.from_yaml(made.to_yaml())
    assert {name for name, value in {**made}.items() if value != group()[name]} <= set(change)


@pytest.mark.filterwarnings("ignore::indl_vae.params.UnusedSettingWarning")
@families
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_whatever_is_written_is_accepted_or_explained(family, data):
    cls = family_params(family)
    names = [alias.name for field in cls.model_fields.values() for alias in spec_of(field).aliases]
    keys = data.draw(st.dictionaries(st.sampled_from([*cls.model_fields, *names]), ANYTHING, max_size=4))
    try:
        params = indl_vae.make_params(family, keys)
    except ConfigError as error:
        assert any(name in str(error) for name in [*keys, *cls.model_fields])
    else:
        assert Params.from_yaml(params.to_yaml()) == params


@families
def test_parameters_are_a_frozen_mapping(family):
    params = indl_vae.make_params(family)
    assert {**params} == dict(params) == {name: getattr(params, name) for name in type(params).model_fields}
    assert set(params.keys()) == set(type(params).model_fields)
    assert params.keys()[:2] == ("family", "preset")
    assert "seed" in params
    assert "nothing" not in params
    assert params.get("nothing", 3) == 3
    assert params.get("seed") == params["seed"] == 0
    assert hash(params) == hash(indl_vae.make_params(family))
    assert copy.deepcopy(params) == params
    with pytest.raises(KeyError, match="'nothing' is not a parameter of"):
        params["nothing"]
    with pytest.raises(ValueError, match="frozen"):
        params.seed = 3


@families
def test_arguments_and_tunables_split_the_parameters(family):
    params = indl_vae.make_params(family)
    assert {**params.arguments(), **params.tunables()} == {**params}
    assert not set(params.arguments()) & set(params.tunables())
    assert {"learning_rate", "dropout_rate"} <= set(params.tunables())
    for name in {"f_units", "n_factors", "n_bases"} & set(params):
        assert name in params.tunables()
    assert ("gen_units" in params) == ("gen_units" in params.tunables())
    assert {"seed", "batch_size", "likelihood"} | ({"gen_cell_type"} & set(params)) <= set(params.arguments())
    live = {"learning_rate", "kl_f_weight", "kl_z_weight", "dropout_rate", "coordinated_dropout_rate"}
    assert live <= set(type(params).live_fields())
    assert "gen_units" not in type(params).live_fields()
