"""NWB files on the command line: convert, and every other command on them directly."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("pynwb")

from indl_vae.data import load_dataset, load_nwb
from tests.cli.tiny import SETTINGS, run
from tests.data.nwb_files import series, write_nwb


@pytest.fixture(scope="module")
def nwb(tmp_path_factory):
    hand = series("hand", np.random.default_rng(0).normal(size=(30_000, 2)), "m", rate=1000.0)
    return write_nwb(tmp_path_factory.mktemp("nwb") / "session.nwb", fast=[hand])


def test_options_reach_the_reader(nwb, tmp_path):
    options = (
        "--align-to go_cue --window -0.2,0.3 --bin-width 0.05 --behavior hand --condition target --unit quality=good"
    )
    result = run("convert", nwb, "--out", tmp_path / "x.h5", *options.split(), "--seed", 3, "--test-share", 0.1)
    assert result.exit_code == 0 and result.stdout == f"Wrote {tmp_path / 'x.h5'}\n"
    assert "train: 13 trials, 10 bins, 4 units" in result.stderr and "1 of 20 trials" in result.stderr
    with pytest.warns(UserWarning, match="1 of 20 trials"):
        expected = load_nwb(
            nwb,
            align_to="go_cue",
            window=(-0.2, 0.3),
            bin_width_s=0.05,
            behavior="hand",
            condition="target",
            units={"quality": "good"},
            test_share=0.1,
            seed=3,
        )
    found = load_dataset(tmp_path / "x.h5")
    assert found.bin_width_s == 0.05 and list(found.splits) == ["train", "valid", "test"]
    for name, split in expected.splits.items():
        for key in ("x", "condition", "behavior", "inds"):
            np.testing.assert_array_equal(getattr(found.splits[name], key), getattr(split, key))


def test_a_unit_column_may_stand_twice_and_a_split_column_be_named(nwb, tmp_path):
    asked = ("--unit", "quality=good", "--unit", "quality=mua", "--split", "split", "--bin-width-s", 0.05)
    result = run("convert", nwb, "--out", tmp_path / "x.h5", *asked)
    assert result.exit_code == 0 and "test: 4 trials, 10 bins, 6 units" in result.stderr
    assert load_dataset(tmp_path / "x.h5").train.n_trials == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--window", "0.5"], "--window 0.5: expected FROM,TO in seconds"),
        (["--window", "0.5,0.1"], "window: (0.5, 0.1), expected (from, to)"),
        (["--unit", "quality"], "--unit quality: expected COLUMN=VALUE"),
        (["--align-to", "go"], "trials: go: no such column"),
        (["--bin-width", "0"], "bin_width_s: 0.0, expected seconds above 0"),
    ],
)
def test_bad_options(nwb, tmp_path, options, message):
    result = run("convert", nwb, "--out", tmp_path / "x.h5", *options)
    assert result.exit_code == 2 and message in result.stderr and not (tmp_path / "x.h5").exists()


def test_only_nwb_is_converted(tmp_path):
    result = run("convert", tmp_path / "x.h5", "--out", tmp_path / "y.h5")
    assert result.exit_code == 2 and "expected an NWB file, with the ending .nwb" in result.stderr


def test_inspect_takes_an_nwb_file(nwb):
    result = run("inspect", nwb, "--bin-width-s", "0.05")
    assert result.exit_code == 0
    assert "16 trials" in result.stdout and "train_length" in result.stdout


@pytest.mark.slow
def test_ragged_trials_go_through_inspect_train_and_evaluate(nwb, tmp_path):
    assert run("inspect", nwb).exit_code == 0
    out, scores = tmp_path / "run", tmp_path / "metrics.json"
    trained = run("train", "--data", nwb, "--out", out, *SETTINGS, "--set=n_epochs=2", "--set=bin_width_s=0.05")
    assert trained.exit_code == 0 and "Trained for 2 epochs" in trained.stdout
    known = json.loads((out / "data.json").read_text())
    assert known["source"] == str(nwb) and known["splits"]["train"]["n_bins"] == 10
    assert known["splits"]["train"]["observed_share"] < 1
    evaluated = run("evaluate", out, "--data", nwb, "--out", scores, "--samples", 3)
    assert evaluated.exit_code == 0
    valid = json.loads(scores.read_text())["valid"]
    assert np.isfinite([valid["nll"], valid["bits_per_spike"]]).all()
