"""Files of a run that are written whole or not at all, and what is said of those that are damaged."""

from __future__ import annotations

import errno
import json
import os
import re

import numpy as np
import pytest

from indl_vae.errors import ConfigError, RunError
from indl_vae.json_file import read_json, write_json, write_sealed_json
from indl_vae.params import make_params
from indl_vae.run_folder import RunFolder, is_plain_name
from indl_vae.whole_file import write_whole

INFO = {"source": "/data/x.h5", "sha256": "ab", "scalers": {"mean": [1.5, 2.25]}, "sessions": {"mon": {"source": "/m"}}}


@pytest.fixture
def no_room(monkeypatch):
    """Renaming, the last step of every writing, fails as on a full disk."""

    def fail(*paths):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)


def test_the_old_file_stays_where_the_new_one_cannot_be_written(tmp_path, no_room):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(OSError, match="No space left") as raised:
        write_whole("new", path)
    assert raised.value.filename == str(path)
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_is_exchanged(tmp_path):
    path = tmp_path / "deep" / "a.json"
    write_json({"a": 1}, path)
    assert write_json({"a": [2, "ä"]}, path) == path
    assert read_json(path) == {"a": [2, "ä"]} and [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_parameters_that_cannot_be_written_are_as_before(tmp_path, no_room):
    path = tmp_path / "params.yaml"
    path.write_text("family: lfads\n")
    with pytest.raises(ConfigError, match=r"params\.yaml: expected a path to write parameters to: .*No space left"):
        make_params("lfads").to_yaml(path)
    assert path.read_text() == "family: lfads\n"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("-inf")])
def test_what_is_no_json_is_not_written(tmp_path, value):
    for write in (write_json, write_sealed_json):
        with pytest.raises(ValueError, match="not JSON compliant"):
            write({"a": value}, tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_a_sealed_file_reads_back_and_a_changed_digit_is_found(tmp_path):
    path = write_sealed_json(INFO | {3: "a number as a key"}, tmp_path / "data.json")
    assert read_json(path) == INFO | {"3": "a number as a key"}
    text = path.read_text()
    path.write_text(text.replace("2.25", "2.26"))
    with pytest.raises(ValueError, match="not what was written; if it was changed on purpose, remove 'digest'"):
        read_json(path)
    changed = {key: value for key, value in json.loads(path.read_text()).items() if key != "digest"}
    assert read_json(write_json(changed, path))["scalers"] == {"mean": [1.5, 2.26]}


def test_every_flipped_bit_of_data_json_is_found_or_changes_nothing(tmp_path):
    files = RunFolder(tmp_path)
    files.write_data_info(INFO)
    content, refused = files.data.read_bytes(), 0
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        files.data.write_bytes(damaged)
        try:
            found = files.data_info()
        except RunError as error:
            assert "data.json: " in str(error)
            refused += 1
        else:  # a space of another kind; or the name of the digest, which is then one more entry
            assert found == INFO or set(found) > set(INFO), f"byte {place}"
    assert refused > 0.8 * len(content)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ('{"a": NaN}', "cannot be read .NaN is no JSON number"),
        ("[" * 100_000, "cannot be read .nested too deeply"),
        ("[]", "expected the data of a run"),
        ('{"source": 3}', "expected the data of a run"),
        ('{"sessions": ["mon"]}', "expected the data of a run"),
        ('{"sessions": {"mon": 3}}', "expected the data of a run"),
    ],
)
def test_damaged_data_json(tmp_path, text, message):
    files = RunFolder(tmp_path)
    assert files.data_info() == {}
    files.data.write_text(text)
    with pytest.raises(RunError, match=rf"data\.json: {message}.*Copy it anew; without it, .*--data"):
        files.data_info()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "a\\b", "a\0", None, 3, ["a"]])
def test_names_that_lead_elsewhere(name):
    assert not is_plain_name(name)
    assert is_plain_name("epoch-3") and is_plain_name("..a")


def test_a_run_that_ended_before_anything_was_saved(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    message = "no run to resume here: it has no params.yaml. .* remove the folder, or choose another --out"
    with pytest.raises(RunError, match=re.escape(str(tmp_path)) + ": " + message):
        RunFolder(tmp_path).check_resumable()
    with pytest.raises(RunError, match="no run to resume here. Start without --resume"):
        RunFolder(tmp_path / "none").check_resumable()
