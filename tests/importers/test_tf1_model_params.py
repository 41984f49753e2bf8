"""Weights of LFADS on TF1: the arithmetic of its cells, its names, its file, there and back."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from indl_vae.data import write_hdf5
from indl_vae.errors import DataError
from indl_vae.importers import is_tf1_model_params, read_tf1_model_params
from indl_vae.importers.lfads_tree import CELL
from indl_vae.importers.tf1_names import from_tf1, to_tf1
from tests.reference.lfads_numpy import gru_step, lfads_forward, sigmoid
from tests.reference.random_lfads import random_lfads

SIZES = {"n_encoded": 8, "n_outputs": 8}
#: As read from a file of run_lfads.py; n1 is a session's name.
NAMES = """
LFADS_glm_fac_2_logrates_n1_W:0 LFADS_glm_fac_2_logrates_n1_b:0 LFADS_ic_enc_fwd_ic_enc_t0_fwd:0
LFADS_ic_enc_fwd_GRU_Gates_xh_2_ru_W:0 LFADS_ic_enc_fwd_GRU_Candidate_xrh_2_c_b:0 LFADS_ic_enc_rev_ic_enc_t0_rev:0
LFADS_z_prior_g0_mean:0 LFADS_z_prior_g0_logvar:0 LFADS_z_ic_enc_2_post_g0_mean_W:0 LFADS_gen_g0_2_gen_ic_b:0
LFADS_z_ic_enc_2_post_g0_logvar_b:0 LFADS_ci_enc_rev_GRU_Gates_xh_2_ru_b:0 LFADS_z_u_prior_ar1_logevars:0
LFADS_z_u_prior_ar1_logatau:0 LFADS_con_GenGRU_Gates_x_2_ru_W:0 LFADS_con_GenGRU_Candidate_rh_2_c_W:0 LFADS_con_c0:0
LFADS_con_con_to_post_co_logvar_W:0 LFADS_gen_GenGRU_Gates_h_2_ru_b:0 LFADS_gen_GenGRU_Candidate_x_2_c_W:0
LFADS_gen_gen_2_fac_W:0
"""


def flat(found):
    return {f"LFADS_{name.replace('/', '_')}:0": array for name, array in found.items()}


@pytest.fixture(scope="module")
def weights():
    return random_lfads(**SIZES)


@pytest.fixture
def path(tmp_path, weights):
    adam = {"LFADS_gen_gen_2_fac_W_Adam:0": np.zeros((1, 1))}
    return write_hdf5(flat(to_tf1(weights, "n1")) | adam, tmp_path / "model_params", {})


def test_names(weights):
    assert set(NAMES.split()) <= set(flat(to_tf1(weights, "n1")))


def test_cells_do_what_tf1_computes(weights):
    """TF1: gates of [x; h] in the order r, u, with 1 added to u; candidate of [x; r h]; u keeps the old state."""
    rng = np.random.default_rng(0)
    tf1 = to_tf1(weights, "n1")
    cell = "encoder/ic_enc_bigru/forward_layer/cell"
    h = rng.normal(size=(2, weights[f"{cell}/recurrent_kernel"].shape[0]))
    x = rng.normal(size=(2, 8))

    def step(gates, candidate):
        r, u = np.split(gates, 2, axis=1)
        return r, lambda c: sigmoid(u + 1.0) * h + (1 - sigmoid(u + 1.0)) * np.tanh(c)

    scope = "ic_enc_fwd/GRU"
    gates = np.concatenate([x, h], 1) @ tf1[f"{scope}/Gates/xh_2_ru/W"] + tf1[f"{scope}/Gates/xh_2_ru/b"]
    r, finish = step(gates, None)
    both = np.concatenate([x, sigmoid(r) * h], 1)
    expected = finish(both @ tf1[f"{scope}/Candidate/xrh_2_c/W"] + tf1[f"{scope}/Candidate/xrh_2_c/b"])
    np.testing.assert_allclose(gru_step(weights, cell, x, h, 5.0), expected, rtol=1e-5, atol=1e-6)

    scope, cell = "gen/GenGRU", f"{CELL}/gen_gru_cell"
    h = rng.normal(size=(2, weights[f"{cell}/recurrent_kernel"].shape[0]))
    x = rng.normal(size=(2, weights[f"{cell}/kernel"].shape[0]))
    gates = x @ tf1[f"{scope}/Gates/x_2_ru/W"] + h @ tf1[f"{scope}/Gates/h_2_ru/W"] + tf1[f"{scope}/Gates/h_2_ru/b"]
    r, finish = step(gates, None)
    candidate = (sigmoid(r) * h) @ tf1[f"{scope}/Candidate/rh_2_c/W"] + tf1[f"{scope}/Candidate/rh_2_c/b"]
    expected = finish(candidate + x @ tf1[f"{scope}/Candidate/x_2_c/W"])
    np.testing.assert_allclose(gru_step(weights, cell, x, h, 5.0), expected, rtol=1e-5, atol=1e-6)


def test_there_and_back(weights):
    back, shown = from_tf1(to_tf1(weights, "n1"), "n1")
    assert set(back) == set(weights) == set(shown)
    for name, array in weights.items():
        np.testing.assert_allclose(back[name], array, atol=1e-6, err_msg=name)


def test_file(path, weights):
    assert is_tf1_model_params(path) and not is_tf1_model_params(path.parent)
    imported = read_tf1_model_params(path)
    x = np.random.default_rng(1).poisson(0.5, (2, 5, 8)).astype("f8")
    ours, theirs = (lfads_forward(w, x)["rates"] for w in (imported.weights, weights))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    assert imported.params_mapping["gate_bias"] == "forget" and imported.params_mapping["feed_factors_to_controller"]
    assert imported.spec.n_channels == 8 and "Sizes come from the weights" in imported.notes[0]


def test_maps_that_are_the_identity_are_left_out_there(tmp_path, weights):
    tf1 = {n: a for n, a in to_tf1(weights, "n1").items() if not n.startswith(("gen/g0_2_gen_ic", "glm"))}
    width = weights[f"{CELL}/fac_linear/kernel"].shape
    back, _ = from_tf1(tf1, "")
    np.testing.assert_array_equal(back["decoder/rate_linear/kernel"], np.eye(width[1]))
    np.testing.assert_array_equal(back["decoder/ic_to_g0/kernel"], np.eye(width[0]))


def test_a_controller_without_factors(tmp_path, weights):
    tf1 = to_tf1(weights, "n1")
    n_code = 2 * weights["encoder/ci_enc_bigru/forward_layer/cell/recurrent_kernel"].shape[0]
    for name in ("con/GenGRU/Gates/x_2_ru/W", "con/GenGRU/Candidate/x_2_c/W"):
        tf1[name] = tf1[name][:n_code]
    imported = read_tf1_model_params(write_hdf5(flat(tf1), tmp_path / "p", {}))
    assert imported.params_mapping["feed_factors_to_controller"] is False
    assert not imported.weights[f"{CELL}/con_gru_cell/kernel"][n_code:].any()


def test_an_external_input_of_the_encoders(tmp_path):
    wide = random_lfads(**SIZES | {"n_encoded": 10, "n_outputs": 10})
    narrow = random_lfads(**SIZES)
    names = [n for n in wide if n.startswith("encoder/")]
    mixed = {**narrow, **{n: wide[n] for n in names}}
    imported = read_tf1_model_params(write_hdf5(flat(to_tf1(mixed, "a")), tmp_path / "p", {}))
    assert (imported.spec.ext_input_dim, imported.spec.n_channels) == (2, 8)
    mapping = imported.params_mapping
    assert (mapping["ext_input_dim"], mapping["inject_ext_input_to_gen"]) == (2, False)


def test_sessions(tmp_path, weights):
    tf1 = to_tf1(weights, "b")
    other = to_tf1(random_lfads(**SIZES, seed=9), "a")
    tf1 |= {name: array for name, array in other.items() if name.startswith("glm")}
    path = write_hdf5(flat(tf1), tmp_path / "p", {})
    imported = read_tf1_model_params(path, session=1)
    np.testing.assert_allclose(imported.weights["decoder/rate_linear/bias"], weights["decoder/rate_linear/bias"])
    assert "2 sessions; read-in and read-out of b were taken" in imported.notes[1]
    with pytest.raises(DataError, match="session is 2, expected one of 0 to 1: a, b"):
        read_tf1_model_params(path, session=2)


def changed(weights, change):
    tf1 = to_tf1(weights, "n1")
    if change == "causal":
        return {name: array for name, array in tf1.items() if not name.startswith("ci_enc_rev")}
    if change == "gaussian":
        return {name.replace("logrates", "means"): array for name, array in tf1.items()}
    return {name: array for name, array in tf1.items() if not name.startswith("gen/GenGRU")}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("causal", "the model has a causal controller; expected none"),
        ("gaussian", "the model has Gaussian output; expected Poisson"),
        ("half", "weights of an LFADS model are missing"),
    ],
)
def test_what_cannot_be_imported(tmp_path, weights, change, message):
    path = write_hdf5(flat(changed(weights, change)), tmp_path / "p", {})
    with pytest.raises(DataError, match=message):
        read_tf1_model_params(path)


def test_no_such_file(tmp_path):
    with pytest.raises(DataError, match="no such file; expected the model_params that run_lfads.py wrote"):
        read_tf1_model_params(tmp_path / "none")
    (tmp_path / "text").write_text("no")
    with pytest.raises(DataError, match="text: cannot be read .*expected a complete HDF5 file"):
        read_tf1_model_params(tmp_path / "text")


def test_bytes_of_another_file_are_not_read(tmp_path, path):
    (tmp_path / "secret").write_bytes(b"s" * 4000)
    with h5py.File(path, "a") as file:
        name = next(name for name in file if name.endswith("_W:0"))
        shape = file[name].shape
        del file[name]
        file.create_dataset(name, shape, "u1", external=[(str(tmp_path / "secret"), 0, 4000)])
    with pytest.raises(DataError, match="keeps its bytes in external storage"):
        read_tf1_model_params(path)


def test_other_files_are_none(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["train_data"] = np.zeros(3)
    assert not is_tf1_model_params(tmp_path / "x.h5")
