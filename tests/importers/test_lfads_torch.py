"""State dicts of lfads-torch come back as the canonical weights, and broken ones are refused with the reason."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from indl_vae.errors import DataError
from indl_vae.importers import read_lfads_torch
from tests.importers.exports import torch_state, write_safetensors
from tests.reference.lfads_numpy import lfads_forward
from tests.reference.random_lfads import random_lfads


def write_npz(path: Path, state: dict[str, np.ndarray]) -> Path:
    np.savez(path, **state)
    return path


@pytest.mark.parametrize("sizes", [{}, {"co_dim": 0}, {"n_outputs": 10, "ext_input_dim": 3}])
@pytest.mark.parametrize("write", [write_npz, write_safetensors])
def test_weights_come_back(tmp_path, write, sizes):
    weights = random_lfads(**sizes)
    path = write(tmp_path / f"model.{write.__name__.removeprefix('write_')}", torch_state(weights))
    imported = read_lfads_torch(path)
    assert set(imported.weights) == set(weights)
    for name, value in weights.items():
        assert imported.weights[name].dtype == np.float32
        np.testing.assert_array_equal(imported.weights[name], value, err_msg=name)
    assert imported.spec.n_channels == sizes.get("n_outputs", 7)
    assert imported.spec.ext_input_dim == sizes.get("ext_input_dim", 0)
    assert imported.source == str(path)


def test_forward_pass_is_that_of_the_pytorch_formulas(tmp_path):
    """One step of the generator by PyTorch's layout, `x @ weight_ih.T`, against the oracle on the imported weights."""
    weights = random_lfads(co_dim=0, ext_input_dim=2)
    state = torch_state(weights)
    imported = read_lfads_torch(write_npz(tmp_path / "model.npz", state)).weights
    ext_input = np.random.default_rng(0).normal(size=(2, 1, 2))
    out = lfads_forward(imported, np.ones((2, 1, 7)), ext_input=ext_input)
    cell = {name.rpartition(".")[2]: value.astype(float) for name, value in state.items() if ".gen_cell." in name}
    from_x = ext_input[:, 0] @ cell["weight_ih"].T + cell["bias_ih"]
    w_z, w_r, w_n = np.split(cell["weight_hh"], 3)
    x_z, x_r, x_n = np.split(from_x, 3, axis=1)
    h = out["gen_init"]
    z, r = 1 / (1 + np.exp(-(x_z + h @ w_z.T))), 1 / (1 + np.exp(-(x_r + h @ w_r.T)))
    expected = z * h + (1 - z) * np.tanh(x_n + (r * h) @ w_n.T)
    np.testing.assert_allclose(out["gen_states"][:, 0], expected, rtol=1e-10)
    rows = state["decoder.rnn.cell.fac_linear.weight"].astype(float)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(out["factors"][:, 0], expected @ rows.T, rtol=1e-10)


def test_parameters_are_the_sizes_of_the_weights(tmp_path):
    state = torch_state(random_lfads(n_outputs=10))
    imported = read_lfads_torch(write_npz(tmp_path / "model.npz", state))
    expected = {
        "preset": "lfads_torch", "f_units": [5], "f_latent_size": 3, "z1_units": 4, "con_units": 6, "z_latent_size": 2,
        "gen_units": 8, "n_factors": 9, "ext_input_dim": 0, "heldout_channels": 3, "f_prior_kappa": 0.1, "z1_lag": 1,
        "z_prior_process": "AR1", "poisson_full": "stirling",
    }  # fmt: skip
    assert {name: imported.params_mapping[name] for name in expected} == expected
    assert "3 channels that the encoders do not see" in imported.notes[-1]


def test_model_without_controller(tmp_path):
    imported = read_lfads_torch(write_npz(tmp_path / "model.npz", torch_state(random_lfads(co_dim=0))))
    sizes = {"z_latent_size": 0, "con_units": 0, "z1_units": 0, "z_prior_process": "null"}
    assert {name: imported.params_mapping[name] for name in sizes} == sizes


def test_second_bias_is_added(tmp_path):
    weights = random_lfads()
    state = torch_state(weights)
    state["decoder.rnn.cell.gen_cell.bias_hh"] = state["decoder.rnn.cell.gen_cell.bias_hh"] + np.float32(0.5)
    imported = read_lfads_torch(write_npz(tmp_path / "model.npz", state)).weights
    name = "decoder/rnn/cell/gen_gru_cell/bias"
    np.testing.assert_allclose(imported[name], weights[name] + 0.5, rtol=1e-6)


def test_prefix_of_a_wrapper_is_dropped(tmp_path):
    weights = random_lfads()
    state = {f"model.{name}": value for name, value in torch_state(weights).items()}
    assert set(read_lfads_torch(write_npz(tmp_path / "model.npz", state)).weights) == set(weights)


def test_one_session_of_several(tmp_path):
    rng = np.random.default_rng(0)
    state = torch_state(random_lfads())
    for session, n_channels in enumerate([11, 12]):
        state[f"readin.{session}.weight"] = rng.normal(size=(7, n_channels))
        state[f"readin.{session}.bias"] = rng.normal(size=7)
        state[f"readout.{session}.weight"] = rng.normal(size=(n_channels, 9))
        state[f"readout.{session}.bias"] = rng.normal(size=n_channels)
    path = write_npz(tmp_path / "model.npz", state)
    imported = read_lfads_torch(path, session=1)
    assert imported.spec.n_channels == 12
    assert imported.params_mapping["input_factors"] == 7
    assert imported.params_mapping["heldout_channels"] is None
    np.testing.assert_allclose(imported.weights["readin/kernel"], state["readin.1.weight"].T, rtol=1e-6)
    assert "2 sessions; read-in and read-out of session 1" in imported.notes[-1]
    with pytest.raises(DataError, match=r"session is 5, expected one of \[0, 1\]"):
        read_lfads_torch(path, session=5)


def test_missing_weights_are_listed(tmp_path):
    state = torch_state(random_lfads())
    del state["co_prior.logtaus"], state["encoder.ci_enc_h0"], state["readout.0.bias"]
    with pytest.raises(DataError, match="3 weights of an LFADS model are missing") as error:
        read_lfads_torch(write_npz(tmp_path / "model.npz", state))
    for name in ("co_prior.logtaus", "encoder.ci_enc_h0", "readout.0.bias"):
        assert name in str(error.value)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("decoder.ic_to_g0.weight", np.transpose, r"decoder.ic_to_g0.weight is \(8, 3\), expected \(3, 8\)"),
        ("encoder.ic_linear.weight", lambda a: a[:-1], r"encoder.ic_linear.weight is \(10, 2\), expected \(10, 3\)"),
        ("encoder.ic_linear.bias", np.sum, r"encoder.ic_linear.bias is \(\), expected \(3,\)"),
        ("encoder.ic_enc_h0", np.ravel, r"encoder.ic_enc_h0 is \(10,\), expected \(1, 2, 5\)"),
        ("readout.0.weight", np.ravel, r"decoder/rate_linear/kernel has shape \(63,\), expected 2 axes"),
        ("readout.0.bias", lambda a: a * np.nan, "NaN or infinity in readout.0.bias"),
        ("readout.0.bias", lambda a: a + 1e300, "NaN or infinity in readout.0.bias"),
        ("decoder.rnn.cell.gen_cell.bias_hh", lambda a: a[:1], r"gen_cell.bias_hh is \(1,\), expected \(24,\)"),
        ("readout.0.bias", lambda a: a.astype(str), r"expected numeric arrays, got readout.0.bias \(<U"),
    ],
)
def test_wrong_weights_are_named(tmp_path, name, change, message):
    state = torch_state(random_lfads())
    state[name] = change(state[name].astype(np.float64))
    with pytest.raises(DataError, match=message):
        read_lfads_torch(write_npz(tmp_path / "model.npz", state))


def test_fewer_outputs_than_encoded_channels_are_refused(tmp_path):
    state = torch_state(random_lfads(n_outputs=4))
    with pytest.raises(DataError, match="the encoders see 7 channels but the read-out has 4"):
        read_lfads_torch(write_npz(tmp_path / "model.npz", state))


def test_files_of_other_kinds_are_refused(tmp_path):
    with pytest.raises(DataError, match="no such file; expected an .npz or .safetensors"):
        read_lfads_torch(tmp_path / "absent.npz")
    for name, content, message in [
        ("model.ckpt", b"x", "PyTorch checkpoints are pickles"),
        ("empty.npz", b"", "not an .npz file of plain arrays"),
        ("text.npz", b"hello, this is no archive", "not an .npz file of plain arrays"),
        ("cut.npz", write_npz(tmp_path / "whole.npz", {"a": np.ones(99)}).read_bytes()[:300], "not an .npz file"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=re.escape(name) + ".*" + message):
            read_lfads_torch(tmp_path / name)


def test_arrays_that_could_hold_code_are_refused(tmp_path):
    path = tmp_path / "objects.npz"
    np.savez(path, a=np.array([{"b": 1}], dtype=object))
    with pytest.raises(DataError, match="not an .npz file of plain arrays"):
        read_lfads_torch(path)


def test_a_lone_array_is_refused(tmp_path):
    np.save(tmp_path / "array.npy", np.ones(3))
    path = (tmp_path / "array.npy").rename(tmp_path / "array.npz")
    with pytest.raises(DataError, match="not an .npz file of plain arrays"):
        read_lfads_torch(path)
