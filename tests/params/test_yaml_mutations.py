"""Damaged YAML: parameters, or a ConfigError that names the file; no code, no hang, no other error."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.params import Params, load_yaml, make_params
from tests.damage import FEW, MANY, edits, mutated, refusals

FAMILIES = ("lfads", "autolfads", "dsae", "fhvae", "dendplrnn", "mrsds", "ceneurovae")
#: What means something in YAML, and text that would be much if it were followed.
PIECES = ["!!python/object/apply:os.system", "&a", "*a", "<<: *a", "? ", "- ", "{", "[", "}", "]", "|", ">", "'", '"', "%",
          "---\n", "...", "\t", "\x00", "\ufeff", "1e999", ".nan", "0x10", "1_000", "~", "yes", ": ", "#", "9" * 500,
          "[" * 300, "{a: " * 300, "\u2028", "2001-01-01", "!!binary aGk=", "!!set {a}", "../../etc/passwd"]  # fmt: skip


def test_bytes(tmp_path):
    content = make_params("lfads").to_yaml().encode()
    assert refusals(tmp_path / "params.yaml", content, MANY, load_yaml) > 10


@pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize("family", FAMILIES)
def test_parameters(family, n):
    """From text to a validated model: whatever is accepted writes itself and reads back as the same."""
    content, refused = make_params(family).to_yaml().encode(), 0
    for seed, damaged in edits(content, n):
        text = damaged.decode(errors="replace")
        try:
            params = Params.from_yaml(text + "\n")
        except ConfigError:
            refused += 1
        else:
            assert Params.from_yaml(params.to_yaml()) == params, f"seed {seed}"
    assert refused > n // 4


@pytest.mark.parametrize("piece", PIECES)
def test_words_of_yaml_in_other_places(tmp_path, piece):
    text, rng = make_params("lfads").to_yaml(), np.random.default_rng(len(piece))
    for place in rng.integers(len(text), size=5):
        try:
            params = Params.from_yaml(text[:place] + piece + text[place:])
        except ConfigError:
            continue
        assert params.family == "lfads"


@pytest.mark.parametrize("name", ["../outside", "/outside", "a/b", "..", "a\\b"])
def test_names_in_parameters_stay_in_the_folder(tmp_path, name):
    """Of a params.yaml that came from elsewhere: names of files and checkpoints are plain ones."""
    path = tmp_path / "params.yaml"
    for key in ("csv_log", "checkpoint_name"):
        path.write_text(f"family: lfads\n{key}: {name!r}\n")
        with pytest.raises(ConfigError, match=f"{key}.*expected a plain name"):
            Params.from_yaml(path)


def test_the_same_damage_every_time():
    assert mutated(b"a" * 50, 3) == mutated(b"a" * 50, 3) != mutated(b"a" * 50, 4)
