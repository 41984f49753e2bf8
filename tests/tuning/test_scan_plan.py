"""A folder holds one scan, which may grow."""

from __future__ import annotations

import re

import pytest

from indl_vae.errors import RunError
from indl_vae.params import load_yaml
from indl_vae.tuning import Argument
from indl_vae.tuning.locks import is_locked, lock
from tests.tuning.stub import ARGUMENTS, stub_scan, write_npy

Z, B = ARGUMENTS


@pytest.fixture
def begun(tmp_path):
    stub_scan(tmp_path, n_runs=2, settings={"n_epochs": 4})
    return tmp_path


def again(folder, arguments=ARGUMENTS, **options):
    return stub_scan(folder, arguments, **{"n_runs": 2, "settings": {"n_epochs": 4}, **options})


def test_the_plan_says_what_was_asked_for(begun):
    plan = load_yaml(begun / "scan/scan.yaml")
    assert plan["arguments"][1] == {"name": "n_bases", "values": [1, 2], "add_to_name_as": "b"}
    assert (plan["family"], plan["runs"], plan["settings"]) == ("dendplrnn", [1, 2], {"n_epochs": 4})
    assert plan["data"]["source"] == str(begun / "x.npy") and len(plan["data"]["sha256"]) == 64
    assert not list((begun / "scan").glob("*.part"))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([Argument("dim_z", [6, 7], "z"), B], {}, "differs in dim_z (without 5). Choose another folder"),
        ([Argument("dim_z", [5, 6], "d"), B], {}, "differs in add_to_name_as of dim_z (was 'z', now 'd')"),
        ([B, Z], {}, "differs in arguments (were dim_z, n_bases, now n_bases, dim_z)"),
        ([Z], {}, "differs in arguments (were dim_z, n_bases, now dim_z)"),
        (ARGUMENTS, {"n_runs": 1}, "differs in runs (without 2)"),
        (ARGUMENTS, {"settings": {"n_epochs": 5, "seed": 1}}, "settings: n_epochs (was 4, now 5), settings: seed (was None"),
        (ARGUMENTS, {"preset": "default"}, "differs in preset (was None, now 'default')"),
    ],
)  # fmt: skip
def test_another_scan_is_refused(begun, arguments, options, message):
    before = (begun / "scan/scan.yaml").read_text()
    with pytest.raises(RunError, match=re.escape(message)):
        again(begun, arguments, **options)
    assert (begun / "scan/scan.yaml").read_text() == before


def test_a_configuration_file_is_compared_by_what_it_says(tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text("n_epochs: 4\n")
    stub_scan(tmp_path, config=config)
    config.write_text("# the same\nn_epochs: 4\n")
    assert stub_scan(tmp_path, config=config)[1] == ["4 of 4 runs are finished."]
    config.write_text("n_epochs: 5\n")
    with pytest.raises(RunError, match=re.escape("differs in config: n_epochs (was 4, now 5)")):
        stub_scan(tmp_path, config=config)


def test_other_data_are_refused_and_a_moved_file_is_not(begun):
    (begun / "y").mkdir()
    (begun / "x.npy").rename(begun / "y/x.npy")
    (begun / "scan").rename(begun / "y/scan")
    assert again(begun / "y")[1] == ["8 of 8 runs are finished."]
    write_npy(begun / "y", seed=1)
    with pytest.raises(RunError, match=r"differs in data \(.*y/x.npy: another content\)"):
        again(begun / "y")


def test_values_as_tuples_and_from_numpy_are_the_same_scan(tmp_path):
    import numpy as np

    stub_scan(tmp_path, [Argument("dim_z", np.arange(5, 7), "z")])
    assert stub_scan(tmp_path, [Argument("dim_z", (5, 6), "z")])[1] == ["2 of 2 runs are finished."]


def test_a_folder_with_something_else_is_left_as_it_is(tmp_path):
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan/notes").touch()
    with pytest.raises(RunError, match="something in this folder that is no scan; it was not touched. Choose another"):
        stub_scan(tmp_path)
    assert [path.name for path in (tmp_path / "scan").iterdir()] == ["notes"]
    (tmp_path / "scan/notes").unlink()
    (tmp_path / "scan").rmdir()
    (tmp_path / "scan").touch()
    with pytest.raises(RunError, match="expected a folder for the scan, found a file. Choose another --out"):
        stub_scan(tmp_path)


def test_one_scan_at_a_time(begun):
    with (begun / "scan/.scan.lock").open("ab") as file:
        assert lock(file) and is_locked(begun / "scan/.scan.lock")
        with pytest.raises(RunError, match="another scan is at work in this folder. Wait for its end, or choose"):
            again(begun)
    assert not is_locked(begun / "scan/.scan.lock")
    assert again(begun)[1] == ["8 of 8 runs are finished."]
