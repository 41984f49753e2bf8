"""Text log, scores and .mat file of a run, one by one."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from indl_vae.data import Dataset
from indl_vae.errors import DataError, RunError
from indl_vae.importers.mrsds_layout import latents_file
from indl_vae.importers.mrsds_layout.latents_file import read_latents, write_latents
from indl_vae.importers.mrsds_layout.scores import cosmooth_channels, scores_of
from indl_vae.importers.mrsds_layout.series import Evaluations, columns_of
from indl_vae.importers.mrsds_layout.text_log import TextLog


def test_a_log_is_printed_and_written(tmp_path, capsys):
    log = TextLog(tmp_path / "a-log.txt", anew=True)
    log.write("first")
    TextLog(tmp_path / "a-log.txt").write("second")
    assert capsys.readouterr().out == "first\nsecond\n"
    assert (tmp_path / "a-log.txt").read_text() == "first\nsecond\n"
    TextLog(tmp_path / "a-log.txt", anew=True)
    assert (tmp_path / "a-log.txt").read_text() == ""


def test_a_log_that_the_output_is_redirected_to_is_not_written_twice(tmp_path, monkeypatch):
    path = tmp_path / "a-log.txt"
    with path.open("w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        print("before")
        log = TextLog(path, anew=True)
        log.write("line")
        assert log.redirected
    assert path.read_text() == "before\nline\n"


def test_evaluations_are_kept_and_forgotten(tmp_path):
    made = Evaluations(tmp_path / "s.jsonl")
    made.add(1, {"test_mses": 0.5, "test_r2s": float("nan")})
    made.add(3, {"test_mses": 0.25, "more": 1.0})
    with (tmp_path / "s.jsonl").open("a") as file:
        file.write('{"epoch": 5, "test_m')  # killed while writing
    for line in (tmp_path / "s.jsonl").read_text().splitlines()[:2]:
        json.loads(line, parse_constant=lambda _: pytest.fail("no strict JSON"))
    again = Evaluations(tmp_path / "s.jsonl")
    columns = columns_of(again.rows)
    assert columns["test_mses"].tolist() == [0.5, 0.25] and "epoch" not in columns
    assert np.isnan(columns["test_r2s"]).all() and np.isnan(columns["more"][0])
    again.forget_from(2)
    again.add(2, {"test_mses": 0.1})
    assert columns_of(Evaluations(tmp_path / "s.jsonl").rows)["test_mses"].tolist() == [0.5, 0.1]


def test_latents_come_back(tmp_path):
    arrays = {"xs_train": np.random.default_rng(0).normal(size=(3, 4, 2)), "train_ids": np.array([4, 1, 2]),
              "us_train": np.zeros((3, 4, 0))}  # fmt: skip
    write_latents(arrays, tmp_path / "x_latents.mat")
    found = read_latents(tmp_path / "x_latents.mat")
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
    assert [one.name for one in tmp_path.iterdir()] == ["x_latents.mat"]


def test_latents_that_are_large_missing_or_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(latents_file, "_LARGEST", 100)
    path = tmp_path / "x_latents.mat"
    with pytest.warns(UserWarning, match=r"x_latents\.mat: ys_train: larger than 2 GB.*left out"):
        write_latents({"ys_train": np.zeros(20), "train_ids": np.zeros(2)}, path)
    assert list(read_latents(path)) == ["train_ids"]
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DataError, match=r"x_latents\.mat: cannot be read"):
        read_latents(path)
    path.unlink()
    with pytest.raises(RunError, match=r"x_latents\.mat: no such file; the run has not saved its latents yet"):
        read_latents(path)


def test_channels_of_cosmoothing_are_of_every_region():
    first, same, other = (cosmooth_channels([8, 4], 0.25, seed) for seed in (0, 0, 1))
    assert len(first) == 3 and (first[:2] < 8).all() and first[2] >= 8
    assert first.tolist() == same.tolist() != other.tolist()
    assert len(cosmooth_channels([2, 3], 0.25, 0)) == 0


class Echo:
    """Infers what it sees, and predicts of a bin what was in the bin before."""

    def posterior(self, batch, samples, seed):
        seen = batch["x"] * batch.get("mask", 1.0)
        return {"rates": seen, "factors": seen, "state_probs": None}

    def one_step(self, latents, ext_input, state_probs):
        return np.concatenate([latents[:, :1], latents[:, :-1]], 1)

    def read_out(self, latents):
        return latents


def test_scores():
    x = np.random.default_rng(0).normal([0.0, 10.0, 20.0, 30.0], size=(6, 9, 4))
    split = Dataset.from_arrays(x, likelihood="gaussian").train
    found = scores_of(Echo(), split)
    assert found["mses"] == 0.0 and found["r2s"] == 1.0
    np.testing.assert_allclose(found["gen1_mses"], np.mean((split.x[:, 1:] - split.x[:, :-1]) ** 2), rtol=1e-5)
    assert -1.5 < found["gen1_r2s"] < -0.5, "differences between channels explain nothing"
    hidden = scores_of(Echo(), split, np.array([1]))
    np.testing.assert_allclose(hidden["mses"], np.mean(split.x[..., 1] ** 2), rtol=1e-5)


def test_scores_leave_padding_out():
    rng = np.random.default_rng(0)
    split = Dataset.from_arrays([rng.normal(size=(n, 2)) for n in (3, 7)], likelihood="gaussian").train
    gaps = [np.diff(split.x[i, :n], axis=0) ** 2 for i, n in enumerate((3, 7))]
    np.testing.assert_allclose(scores_of(Echo(), split)["gen1_mses"], np.concatenate(gaps).mean(), rtol=1e-5)
