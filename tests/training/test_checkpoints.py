"""Which checkpoints are kept, and under which names."""

from __future__ import annotations

import errno
import json
import os
import re

import pytest

from indl_vae.errors import RunError
from indl_vae.json_file import write_json
from indl_vae.training.checkpoints import BEST, Checkpoints


def write(folder):
    (folder / "x").write_text("whole")


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


@pytest.mark.parametrize(("keep", "kept"), [(1, [5]), (3, [3, 4, 5]), (0, [1, 2, 3, 4, 5]), (9, [1, 2, 3, 4, 5])])
def test_the_last_are_kept(tmp_path, keep, kept):
    checkpoints = Checkpoints(tmp_path, keep=keep)
    for epoch in range(1, 6):
        assert checkpoints.add(write, epoch, 10 * epoch) == tmp_path / f"epoch-{epoch}"
    assert names(tmp_path) == [f"epoch-{epoch}" for epoch in kept]
    assert [(entry["epoch"], entry["step"]) for entry in checkpoints.entries()] == [(e, 10 * e) for e in kept]
    assert checkpoints.newest() == tmp_path / "epoch-5"


def test_two_indices_leave_one_another_alone(tmp_path):
    latest, best = Checkpoints(tmp_path, keep=1), Checkpoints(tmp_path, BEST, keep=1, name="epoch_lve")
    for epoch in (1, 2):
        latest.add(write, epoch, epoch)
        best.add(write, epoch, epoch)
    assert names(tmp_path) == ["epoch-2", "epoch_lve-2"]


def test_an_epoch_again_replaces_it(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for step in (1, 2, 3):
        checkpoints.add(write, 4, step)
    assert len(checkpoints.entries()) == len(names(tmp_path)) == 1
    assert checkpoints.entries()[0]["step"] == 3
    assert (checkpoints.newest() / "x").read_text() == "whole"


def test_leftovers_of_a_killed_process_are_written_over(tmp_path):
    for leftover in (".epoch-1.part", "epoch-1"):
        (tmp_path / leftover).mkdir()
        (tmp_path / leftover / "half").write_text("")
    checkpoints = Checkpoints(tmp_path)
    assert checkpoints.newest() is None
    path = checkpoints.add(write, 1, 1)
    assert sorted(file.name for file in path.iterdir()) == ["entry.json", "x"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (lambda file: file.write_text("who"), "x is not what was written"),
        (lambda file: file.write_text(""), "x is not what was written"),
        (lambda file: file.unlink(), "x is missing"),
    ],
    ids=["cut short", "empty", "missing"],
)
def test_a_damaged_one_is_passed_over(tmp_path, harm, what):
    checkpoints = Checkpoints(tmp_path)
    for epoch in (1, 2):
        checkpoints.add(write, epoch, epoch)
    harm(tmp_path / "epoch-2" / "x")
    with pytest.warns(UserWarning, match=f"epoch-2: damaged .{what}.; the checkpoint before it is taken"):
        assert checkpoints.newest() == tmp_path / "epoch-1"
    harm(tmp_path / "epoch-1" / "x")
    with pytest.warns(UserWarning, match="epoch-1: damaged"):
        assert checkpoints.newest() is None


def test_an_index_without_sums_is_of_an_older_version(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.add(lambda folder: (folder / "model.keras").write_text("whole"), 1, 1)
    write_json([{"name": "epoch-1", "epoch": 1, "step": 1}], tmp_path / "checkpoint")
    assert checkpoints.newest() == tmp_path / "epoch-1"
    (tmp_path / "epoch-1" / "model.keras").unlink()
    with pytest.warns(UserWarning, match="model.keras is missing"):
        assert checkpoints.newest() is None


ONE = {"name": "epoch-1", "epoch": 1, "step": 1, "sha256": {}}
INDICES = {
    "empty": ("", "Expecting value"),
    "cut short": ('[{"name": "epoch-1", "ep', "Unterminated string"),
    "no text": (b"\xff\xfe\x00garbage", "codec can't decode"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "not a number": (json.dumps([ONE]).replace('"step": 1', '"step": NaN'), "NaN is no JSON number"),
    "an object": (json.dumps(ONE), "expected a list, found dict"),
    "no object in it": ("[1]", "an entry is a int, expected an object"),
    "out of the folder": (json.dumps([ONE | {"name": "../outside"}]), "expected the name of a folder beside the index"),
    "absolute": (json.dumps([ONE | {"name": "/etc"}]), "expected the name of a folder beside the index"),
    "the folder itself": (json.dumps([ONE | {"name": ".."}]), "expected the name of a folder beside the index"),
    "no name": (json.dumps([{"epoch": 1, "step": 1}]), "got None"),
    "sums of other files": (json.dumps([ONE | {"sha256": {"../../secret": ""}}]), "expected an object of plain names"),
    "an epoch that is none": (json.dumps([ONE | {"epoch": "1"}]), "epoch: expected a count, got '1'"),
    "a step before the first": (json.dumps([ONE | {"step": -1}]), "step: expected a count, got -1"),
}


@pytest.mark.parametrize("kind", INDICES)
def test_a_damaged_index_is_made_anew_from_the_folders(tmp_path, kind):
    """Nothing outside is read or removed, and what is whole in the folder is found."""
    content, message = INDICES[kind]
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "model.keras").write_text("not ours")
    folder = tmp_path / "checkpoints"
    latest, best = Checkpoints(folder, keep=2), Checkpoints(folder, BEST, keep=2, name="epoch_lve")
    for epoch in (9, 10):
        latest.add(write, epoch, epoch)
        best.add(write, epoch, epoch)
    expected = latest.entries()
    (folder / "checkpoint").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.warns(UserWarning, match=f"checkpoint: damaged .*{re.escape(message)}"):
        assert latest.newest() == folder / "epoch-10"
    with pytest.warns(UserWarning, match="damaged"):
        assert latest.entries() == expected
    with pytest.warns(UserWarning, match="damaged"):
        latest.add(write, 11, 11)
    assert [entry["name"] for entry in latest.entries()] == ["epoch-10", "epoch-11"]
    assert names(folder) == ["epoch-10", "epoch-11", "epoch_lve-10", "epoch_lve-9"]
    assert (outside / "model.keras").read_text() == "not ours"


def test_of_folders_alone_only_whole_ones_are_taken(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for epoch in (1, 2, 3):
        checkpoints.add(write, epoch, epoch)
    (tmp_path / "checkpoint").write_text("{")
    (tmp_path / "epoch-3" / "entry.json").write_text("{")
    (tmp_path / "epoch-2" / "x").write_text("else")
    with pytest.warns(UserWarning, match="epoch-2: damaged .x is not what was written"):
        assert checkpoints.newest() == tmp_path / "epoch-1"


def test_one_that_cannot_be_written_leaves_those_before(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.add(write, 1, 1)

    def fill(folder):
        with open("/dev/full", "w") as full:
            full.write("x")

    with pytest.raises(RunError, match="epoch-2: the checkpoint cannot be written .No space left.*before it are whole"):
        checkpoints.add(fill, 2, 2)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["epoch-1"]
    assert checkpoints.newest() == tmp_path / "epoch-1"


def test_an_index_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.add(write, 1, 1)
    rename = os.replace

    def full(source, target):
        if target == tmp_path / "checkpoint":
            raise OSError(errno.ENOSPC, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(RunError, match="epoch-2: the checkpoint cannot be written .No space left"):
        checkpoints.add(write, 2, 2)
    monkeypatch.undo()
    assert checkpoints.newest() == tmp_path / "epoch-1"
    checkpoints.add(write, 2, 2)
    assert checkpoints.newest() == tmp_path / "epoch-2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint", "epoch-1", "epoch-2"]
