"""The examples of docs/data.md on recordings run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from indl_vae.data import load_dataset
from indl_vae.data.loaders import LOADERS
from tests.data.nwb_files import series, write_nwb

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def run_section(heading: str) -> dict:
    """Runs the Python blocks of a section, one after the other, and returns what they defined."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert blocks
    names: dict = {}
    for block in blocks:
        exec(block, names)
    return names


def test_spike_times():
    names = run_section("Spike times")
    assert names["data"].train.x.shape[1:] == (50, 8) and names["data"].train.mask is None
    assert names["ragged"].train.mask is not None and set(names["data"].train.condition) == {0, 1}


def test_levels_and_classes():
    data = run_section("Levels and classes")["data"]
    assert data.train.x.shape == (15, 50, 3) and data.train.x.max() == 3.0


def test_several_regions(tmp_path, monkeypatch):
    monkeypatch.setattr(LOADERS, "_objects", dict(LOADERS._objects))
    monkeypatch.setattr(LOADERS, "_index", dict(LOADERS._index))
    names = run_section("Several regions")
    data = names["data"]
    assert data.region_sizes == (20, 30) and [split.n_trials for split in data.splits.values()] == [32, 4, 4]
    (line,) = re.findall(r"`(np\.savez\(.*?\))`\n", PAGE)
    monkeypatch.chdir(tmp_path)
    exec(line, names)
    again = load_dataset("x.npz", likelihood="gaussian", dataseed=0)
    np.testing.assert_array_equal(again.train.x, data.train.x)
    np.testing.assert_array_equal(again.test.ext_input, data.test.ext_input)


def test_nwb_files(tmp_path, monkeypatch):
    pytest.importorskip("pynwb")
    monkeypatch.chdir(tmp_path)
    hand = series("hand", np.zeros((30_000, 2)), "m", rate=1000.0)
    write_nwb(tmp_path / "session.nwb", fast=[hand])
    with pytest.warns(UserWarning, match="1 of 20 trials have no time there"):
        run_section("NWB files")
    data = load_dataset("session.h5")
    assert data.train.x.shape[1:] == (50, 4) and data.train.behavior.shape[2] == 2


def test_continuous_recordings(capsys):
    names = run_section("Continuous recordings")
    assert ", 100, 10)" in capsys.readouterr().out
    np.testing.assert_array_equal(names["rates"], names["recording"] / 2)
    merged = names["merged"]["rates"]
    there = np.isfinite(merged[:, 0])
    np.testing.assert_array_equal(merged[there], names["recording"][there])


def test_worms(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = run_section("Worms")
    train, valid, batch = names["train"], names["valid"], names["batch"]
    assert len(train.uids) == 4 and len(valid.uids) == 1 and len(train) == 4 * 2 * 3
    assert batch["x"].shape == (8, 200, train.x.shape[2]) and batch["behavior"].shape == (8, 200, 3)
    assert list(batch) == ["x", "mask", "behavior", "behavior_mask", "identity"]
    one = names["synthetic"].make("worms", n_animals=5, n_bins=600, n_classes=40).made.worms
    data, start = names["data"], int(names["data"].valid.extras["start"][0])
    recording = one.recordings[one.uids[names["animal"]]]
    expected = recording.x[start : start + 100, recording.identity > 0]
    np.testing.assert_allclose(names["recorded"], expected, atol=1e-5)
    assert data.train.n_bins == 100
