"""Which checkpoints are kept, and under which names."""

from __future__ import annotations

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
    assert [file.name for file in path.iterdir()] == ["x"]
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
    checkpoints.add(write, 1, 1)
    write_json([{"name": "epoch-1", "epoch": 1, "step": 1}], tmp_path / "checkpoint")
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
