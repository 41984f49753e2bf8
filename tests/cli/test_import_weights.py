"""Models of other codes become runs that infer what those codes infer."""

from __future__ import annotations

import json

import numpy as np
import pytest

from indl_vae.data import load_dataset
from tests.cli.tiny import run, write_data
from tests.importers.exports import torch_state, write_checkpoint
from tests.reference.lfads_numpy import lfads_forward
from tests.reference.random_lfads import random_lfads

SIZES = {"n_encoded": 8, "n_outputs": 8}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_data(tmp_path_factory.mktemp("data") / "tiny.h5")


def rates_of(folder, data) -> np.ndarray:
    from indl_vae.training import load_run

    return load_run(folder).posterior(load_dataset(data).valid, push_mean=True)["rates"]


def test_lfads_torch_becomes_a_run(tmp_path, data):
    weights = random_lfads(**SIZES)
    np.savez(tmp_path / "weights.npz", **torch_state(weights))
    result = run("import-weights", tmp_path / "weights.npz", "--out", tmp_path / "run")
    assert result.exit_code == 0
    assert "Note: Sizes come from the weights" in result.stdout
    assert f"Imported {tmp_path / 'weights.npz'} into {tmp_path / 'run'}" in result.stdout
    expected = lfads_forward(weights, load_dataset(data).valid.x)["rates"]
    np.testing.assert_allclose(rates_of(tmp_path / "run", data), expected, rtol=1e-4)
    info = json.loads((tmp_path / "run" / "data.json").read_text())
    assert info["imported_from"] == str(tmp_path / "weights.npz")
    assert "Sizes come from the weights" in (tmp_path / "run" / "run.log").read_text()

    metrics = tmp_path / "metrics.json"
    assert run("evaluate", tmp_path / "run", "--data", data, "--samples", 2, "--out", metrics).exit_code == 0
    assert json.loads(metrics.read_text())["valid"]["nll"] > 0
    result = run("report", tmp_path / "run")
    assert result.exit_code == 2 and "names no data file; pass the path of one (--data)" in result.stderr


def test_a_read_in_comes_along(tmp_path, data):
    weights = random_lfads(**SIZES | {"n_encoded": 5, "readin_channels": 8})
    state = torch_state(weights)
    state |= {"readin.0.weight": weights["readin/kernel"].T, "readin.0.bias": weights["readin/bias"]}
    np.savez(tmp_path / "weights.npz", **state)
    assert run("import-weights", tmp_path / "weights.npz", "--out", tmp_path / "run").exit_code == 0
    x = load_dataset(data).valid.x
    read_in = x @ weights["readin/kernel"] + weights["readin/bias"]
    codes = {**weights, "decoder/rate_linear/kernel": weights["decoder/rate_linear/kernel"][:, :5]}
    codes["decoder/rate_linear/bias"] = weights["decoder/rate_linear/bias"][:5]
    expected = lfads_forward(codes, read_in)["rates"]
    np.testing.assert_allclose(rates_of(tmp_path / "run", data)[..., :5], expected, rtol=1e-4)


def test_autolfads_becomes_a_run(tmp_path, data):
    weights = random_lfads(**SIZES)
    write_checkpoint(tmp_path / "model" / "lve-ckpt-3", weights)
    result = run("import-weights", tmp_path / "model", "--out", tmp_path / "run")
    assert result.exit_code == 0
    assert "Note: No model_spec.yaml found" in result.stdout
    expected = lfads_forward(weights, load_dataset(data).valid.x)["rates"]
    np.testing.assert_allclose(rates_of(tmp_path / "run", data), expected, rtol=1e-4)


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    result = run("import-weights", tmp_path / "weights.npz", "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert "there is something in this folder already; it was not touched" in result.stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("weights.npz", "no such file; expected an .npz or .safetensors export"),
        ("last.ckpt", "PyTorch checkpoints are pickles"),
        ("folder", "no TensorFlow checkpoint found"),
    ],
)
def test_what_cannot_be_imported(tmp_path, name, message):
    if name == "last.ckpt":
        (tmp_path / name).write_bytes(b"x")
    result = run("import-weights", tmp_path / name, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert message in result.stderr and name in result.stderr
    assert not (tmp_path / "run").exists()
