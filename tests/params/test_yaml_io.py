from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indl_vae.errors import ConfigError
from indl_vae.params import dump_yaml, load_yaml, parse_value, read_yaml

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_categories=("Cc",)), max_size=12),
    st.sampled_from(
        ["no", "yes", "on", "off", "null", "~", "", "1e5", "0x10", "1:30", "3::4", "2020-01-01", "<<", "="]
    ),
)
NAMES = st.text("abcdefgh_", min_size=1, max_size=8).map("k{}".format)


@given(st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=3), max_size=6))
def test_what_is_written_reads_back_exactly(keys):
    text = dump_yaml(keys)
    again = read_yaml("\n" + text)
    assert again == keys
    assert [type(value) for value in again.values()] == [type(value) for value in keys.values()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e-3", 0.001),
        ("1.0e-4", 0.0001),
        (".5", 0.5),
        ("-2", -2),
        (".inf", math.inf),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("3:40", "3:40"),
        ("3::4", "3::4"),
        ("1_000", "1_000"),
        ("2020-01-01", "2020-01-01"),
        ("null", None),
        ("", None),
        ("[1, 2]", [1, 2]),
        ("<<", "<<"),
    ],
)
def test_values_have_no_surprises(text, expected):
    value = parse_value(text)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", r"key 'a' stands twice.*\n?.*line 3"),
        ("a: {b: 1, b: 2}\n", "key 'b' stands twice"),
        ("a: !!python/object/apply:os.system [ls]\n", "tag .*python/object.* is not read"),
        ("a: !!binary aGVsbG8=\n", "tag .* is not read"),
        ("a: &x 1\nb: *x\n", "anchors are not read"),
        ("1: a\n", "key 1 is not text"),
        ("- a\n- b\n", "expected a mapping of parameter names to values, got list"),
        ("a: 1\n---\nb: 2\n", "expected YAML of parameter names and values"),
        ("a: [1\n", "expected YAML of parameter names and values"),
        ("a: " + "[" * 5000 + "\n", "expected YAML of parameter names and values"),
        ("a: " + "9" * 5000 + "\n", "expected YAML of parameter names and values"),
        ("a: \x00\n", "expected YAML of parameter names and values"),
    ],
)
def test_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        read_yaml(text)


def test_files(tmp_path):
    path = tmp_path / "config.yaml"
    text = dump_yaml({"a": (1, 2), "b": "no"}, path)
    assert path.read_text() == text
    assert load_yaml(path) == read_yaml(path) == read_yaml(str(path)) == {"a": [1, 2], "b": "no"}
    path.write_text("# nothing but a comment\n")
    assert load_yaml(path) == {}


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: expected a readable YAML file"):
        read_yaml(str(tmp_path / "none.yaml"))
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(ConfigError, match=r"binary\.yaml: expected a readable YAML file"):
        load_yaml(tmp_path / "binary.yaml")
    with pytest.raises(ConfigError, match="expected a path to write parameters to"):
        dump_yaml({"a": 1}, tmp_path / "no_folder" / "config.yaml")


@given(st.binary(max_size=80))
def test_damaged_files_raise_nothing_but_config_errors(damage):
    text = ("family: lfads\nf_units: [100]\n" + damage.decode("latin-1")).replace("\r", "\n")
    try:
        assert isinstance(read_yaml(text), dict)
    except ConfigError as error:
        assert "YAML text" in str(error)
