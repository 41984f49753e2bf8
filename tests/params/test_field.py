from __future__ import annotations

import pytest
from pydantic.fields import FieldInfo

from indl_vae.errors import ConfigError
from indl_vae.params import Alias, Params, SearchRange, param, spec_of


class Group(Params):
    rate: float = param(
        0.5, "A rate.", unit="Hz", ge=0.0, lt=1.0, search=(0.1, 0.9, "linear"), tune=True, live=True, aliases=("r",)
    )
    kind: str = param("a", "A kind.", choices=("a", "b"), search=("a", "b"))


def test_a_declaration_is_kept_with_the_field():
    spec = spec_of(Group.model_fields["rate"])
    assert (spec.doc, spec.unit, spec.bounds) == ("A rate.", "Hz", ((">=", 0.0), ("<", 1.0)))
    assert spec.search == SearchRange(0.1, 0.9, "linear")
    assert (spec.tune, spec.live, spec.aliases) == (True, True, (Alias("r"),))
    assert spec_of(Group.model_fields["kind"]).search == ("a", "b")


def test_the_json_schema_describes_the_field():
    properties = Group.model_json_schema()["properties"]
    assert properties["rate"]["description"] == "A rate."
    assert properties["rate"]["unit"] == "Hz"
    assert properties["kind"]["enum"] == ["a", "b"]


def test_wrong_declarations():
    with pytest.raises(ConfigError, match="a parameter needs a doc"):
        param(1, " ")
    for search in ((1.0, 1.0, "linear"), (0.0, 1.0, "log")):
        with pytest.raises(ConfigError, match="expected low < high, and low > 0 on a log scale"):
            param(1, "A number.", search=search)
    with pytest.raises(ConfigError, match=r"was not declared with param\(\)"):
        spec_of(FieldInfo(default=1))


def test_an_alias_converts_and_implies():
    alias = Alias("keep", lambda value: 1 - value, also=(("mode", "keep"),))
    assert alias.read("drop", 0.75) == {"drop": 0.25, "mode": "keep"}
    assert Alias("other").read("drop", 0.75) == {"drop": 0.75}


def test_a_search_range_prints_itself():
    assert str(SearchRange(1e-5, 0.01, "log")) == "1e-05 .. 0.01 (log)"
