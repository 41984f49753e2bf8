"""AutoLFADS-TF2 checkpoints, published and made here, come back whole; broken ones are refused with the reason."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from indl_vae.errors import DataError
from indl_vae.importers import read_autolfads_tf2
from tests.importers.exports import write_checkpoint
from tests.reference.random_lfads import random_lfads

SPEC = {
    "MODEL": {
        "CD_RATE": 0.35, "CELL_CLIP": 4.0, "CI_LAG": 2, "CO_PRIOR_NVAR": 0.25, "CO_PRIOR_TAU": 7.0, "CS_DIM": 0,
        "DATA_DIM": 7, "DROPOUT_RATE": 0.05, "IC_PRIOR_VAR": 0.1, "IC_POST_VAR_MIN": 1e-3, "SEQ_LEN": 30, "FP_LEN": 5,
        "CI_ENC_DIM": 4, "SAMPLE_POSTERIORS": True,
    },
    "TRAIN": {
        "KL": {"IC_WEIGHT": 6.65e-7, "CO_WEIGHT": 5e-5, "INCREASE_EPOCH": 80, "START_EPOCH": 0},
        "L2": {"GEN_SCALE": 2.25e-5, "CON_SCALE": 3e-4}, "LR": {"INIT": 0.01, "DECAY": 1.0, "PATIENCE": 6},
        "NLL_MEAN": True, "PATIENCE": 150,
    },
}  # fmt: skip


@pytest.fixture
def whole(tmp_path):
    """A checkpoint in the nested layout, with settings in its model folder."""
    write_checkpoint(tmp_path / "lfads_ckpts" / "least_val_err" / "lve-ckpt-12", random_lfads())
    write_spec(tmp_path, SPEC)
    return tmp_path


def write_spec(folder, spec) -> None:
    (folder / "model_spec.yaml").write_text(yaml.safe_dump(spec))


def changed(section: str, **values) -> dict:
    return {**SPEC, section: {**SPEC[section], **values}}


@pytest.mark.parametrize("sizes", [{}, {"co_dim": 0}, {"n_outputs": 10, "ext_input_dim": 2}])
def test_weights_come_back(tmp_path, sizes):
    weights = random_lfads(**sizes)
    extra = {"dropout_rate": np.float32(0.1), "decoder/rnn/cell/gen_gru_cell/clip_value": np.float32(5.0)}
    write_checkpoint(tmp_path / "lve-ckpt-3", weights | extra)
    imported = read_autolfads_tf2(tmp_path)
    assert set(imported.weights) == set(weights)
    for name, value in weights.items():
        np.testing.assert_array_equal(imported.weights[name], value, err_msg=name)
        assert imported.weights[name].dtype == np.float32
    assert imported.spec.n_channels == sizes.get("n_outputs", 7)
    assert imported.spec.n_bins is None
    assert imported.params_mapping["ext_input_dim"] == sizes.get("ext_input_dim", 0)
    assert "No model_spec.yaml found" in imported.notes[0]


def test_settings_become_parameters(whole):
    imported = read_autolfads_tf2(whole)
    expected = {
        "preset": "autolfads_tf2", "f_units": [5], "f_latent_size": 3, "z1_units": 4, "con_units": 6,
        "z_latent_size": 2, "gen_units": 8, "n_factors": 9, "coordinated_dropout_rate": 0.35, "gru_clip_value": 4.0,
        "z1_lag": 2, "z_prior_init_std": 0.5, "z_prior_tau": 7.0, "heldout_channels": None, "dropout_rate": 0.05,
        "f_prior_kappa": 0.1, "f_min_var": 1e-3, "heldout_bins": 5, "kl_f_weight": 6.65e-7, "kl_z_weight": 5e-5,
        "kl_ramp_length": 80, "kl_ramp_start": 0, "ramp_unit": "epoch", "l2_gen_scale": 2.25e-5, "l2_con_scale": 3e-4,
        "learning_rate": 0.01, "lr_rule": "none", "nll_reduction": "mean", "patience": 150,
    }  # fmt: skip
    assert {name: imported.params_mapping[name] for name in expected} == expected
    assert "lr_patience" not in imported.params_mapping
    assert imported.spec.n_bins == 30
    assert imported.notes == ("Training settings come from model_spec.yaml.",)


def test_settings_without_counterpart_are_noted(whole):
    spec = changed("MODEL", SAMPLE_POSTERIORS=False)
    spec["TRAIN"] = {"LR": {"DECAY": 0.95, "PATIENCE": 6}, "NLL_MEAN": False, "ENCODERS_ONLY": True}
    write_spec(whole, spec)
    imported = read_autolfads_tf2(whole)
    expected = {"lr_rule": "valid_plateau", "lr_decay": 0.95, "lr_patience": 6, "nll_reduction": "sum"}
    expected["sample_posteriors"] = False
    assert {name: imported.params_mapping[name] for name in expected} == expected
    assert "ENCODERS_ONLY is true" in imported.notes[1]


@pytest.mark.parametrize(
    "part",
    ["", "lfads_ckpts", "lfads_ckpts/least_val_err", "lfads_ckpts/least_val_err/lve-ckpt-12",
     "lfads_ckpts/least_val_err/lve-ckpt-12.index"],
)  # fmt: skip
def test_every_way_to_name_a_checkpoint(whole, part):
    imported = read_autolfads_tf2(whole / part)
    assert imported.source.endswith("lve-ckpt-12")
    assert imported.params_mapping["z1_lag"] == 2


def test_best_checkpoint_of_a_folder(whole, tmp_path):
    source = whole / "lfads_ckpts" / "least_val_err" / "lve-ckpt-12"
    folder = tmp_path / "flat"
    folder.mkdir()
    for name in ("lve-ckpt-9", "lve-ckpt-10", "mrc-ckpt-50"):
        for file in source.parent.iterdir():
            shutil.copy(file, folder / file.name.replace(source.name, name))
    assert read_autolfads_tf2(folder).source.endswith("lve-ckpt-10")
    (folder / "checkpoint").write_text('model_checkpoint_path: "/elsewhere/lve-ckpt-9"\n')
    assert read_autolfads_tf2(folder).source.endswith("lve-ckpt-9")
    (folder / "checkpoint").write_text('model_checkpoint_path: "lve-ckpt-77"\n')
    assert read_autolfads_tf2(folder).source.endswith("lve-ckpt-10")


@pytest.mark.parametrize("part", ["", "absent", "absent/lve-ckpt-1"])
def test_no_checkpoint(tmp_path, part):
    with pytest.raises(DataError, match=r"no TensorFlow checkpoint found; expected a folder with files such as"):
        read_autolfads_tf2(tmp_path / part)


@pytest.mark.parametrize(
    ("kept", "message"),
    [([], "lacks lve-ckpt-12.data-00000-of-00001"), (["00000-of-00002"], "lacks lve-ckpt-12.data-00001-of-00002")],
)
def test_missing_shard(whole, kept, message):
    data = next((whole / "lfads_ckpts" / "least_val_err").glob("*.data-*"))
    for name in kept:
        shutil.copy(data, data.with_name(f"lve-ckpt-12.data-{name}"))
    data.unlink()
    with pytest.raises(DataError, match=message):
        read_autolfads_tf2(whole)


@pytest.mark.parametrize("kind", ["index", "data-00000-of-00001"])
@pytest.mark.parametrize("content", [b"", b"not a checkpoint" * 99])
def test_damaged_file(whole, kind, content):
    (whole / "lfads_ckpts" / "least_val_err" / f"lve-ckpt-12.{kind}").write_bytes(content)
    with pytest.raises(DataError, match="cannot be read as a TensorFlow checkpoint"):
        read_autolfads_tf2(whole)


def test_missing_weights_are_listed(tmp_path):
    weights = random_lfads()
    del weights["decoder/rnn/cell/con_gru_cell/h0"], weights["lognvars"]
    write_checkpoint(tmp_path / "lve-ckpt-1", weights)
    with pytest.raises(DataError, match="2 weights of an LFADS model are missing: .*con_gru_cell/h0, lognvars"):
        read_autolfads_tf2(tmp_path)


def test_checkpoint_of_another_model(tmp_path):
    write_checkpoint(tmp_path / "lve-ckpt-1", {"dense/kernel": np.ones((2, 2), np.float32)})
    with pytest.raises(DataError, match=r"21 weights of an LFADS model are missing: ic_prior_mean"):
        read_autolfads_tf2(tmp_path)


def test_wrong_shape_and_values(tmp_path):
    weights = random_lfads()
    write_checkpoint(tmp_path / "a" / "lve-ckpt-1", weights | {"logtaus": np.zeros(3, np.float32)})
    with pytest.raises(DataError, match=r"logtaus is \(3,\), expected \(2,\)"):
        read_autolfads_tf2(tmp_path / "a")
    write_checkpoint(tmp_path / "b" / "lve-ckpt-1", weights | {"logtaus": np.array([0.0, math.inf], np.float32)})
    with pytest.raises(DataError, match="NaN or infinity in logtaus"):
        read_autolfads_tf2(tmp_path / "b")


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"lowd_readin/kernel": np.ones((2, 2), np.float32)}, r"low-dimensional read-in \(READIN_DIM > 0\)"),
        ({"co_prior_mean": np.ones(2, np.float32)}, r"not autoregressive \(CO_AUTOREG_PRIOR: false\)"),
    ],
)
def test_parts_that_cannot_be_imported(tmp_path, extra, message):
    write_checkpoint(tmp_path / "lve-ckpt-1", random_lfads() | extra)
    with pytest.raises(DataError, match=message):
        read_autolfads_tf2(tmp_path)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"TRAIN": {}}, "no MODEL section"),
        ([1], "no MODEL section"),
        (changed("MODEL", DATA_DIM=9, CI_ENC_DIM=3), "DATA_DIM is 9, the weights say 7; MODEL.CI_ENC_DIM is 3, the"),
        (changed("MODEL", CO_PRIOR_NVAR=-1.0), r"MODEL.CO_PRIOR_NVAR is -1.0, expected a number > 0"),
        (changed("MODEL", CO_PRIOR_NVAR="a"), r"MODEL.CO_PRIOR_NVAR is 'a', expected a number > 0"),
        (changed("MODEL", SEQ_LEN=math.inf), r"MODEL.SEQ_LEN is inf, expected a number > 0"),
        (changed("TRAIN", LR={"DECAY": 0}), r"TRAIN.LR.DECAY is 0, expected a number > 0"),
    ],
)
def test_settings_that_are_wrong(whole, spec, message):
    write_spec(whole, spec)
    with pytest.raises(DataError, match=message):
        read_autolfads_tf2(whole)


@pytest.mark.parametrize("text", [b"{a: [", b"\xff\xfe\xff"])
def test_settings_that_are_no_yaml(whole, text):
    (whole / "model_spec.yaml").write_bytes(text)
    with pytest.raises(DataError, match="not a YAML file"):
        read_autolfads_tf2(whole)


@pytest.mark.parametrize(("name", "co_dim"), [("lfads_model", 1), ("lfads_overfit", 6)])
def test_published_checkpoints(data_folder, name, co_dim):
    folder = data_folder / "lfads_lorenz" / "checkpoints" / name
    if not folder.is_dir():
        pytest.skip(f"lfads_lorenz/checkpoints/{name} is not in the folder that INDL_VAE_DATA names")
    imported = read_autolfads_tf2(folder)
    assert len(imported.weights) == 38
    assert imported.weights["decoder/rnn/cell/co_mean_linear/kernel"].shape == (64, co_dim)
    sizes = {"f_units": [100], "z1_units": 64, "con_units": 64, "gen_units": 100, "n_factors": 40, "f_latent_size": 100}
    assert {key: imported.params_mapping[key] for key in sizes} == sizes
    assert imported.spec.n_channels == 60 and imported.spec.n_bins == 100
    assert imported.params_mapping["f_prior_kappa"] == 0.1


def test_importing_the_readers_loads_no_tensorflow():
    code = "import sys, indl_vae.importers; sys.exit('tensorflow' in sys.modules or 'torch' in sys.modules)"
    project = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=project, check=False).returncode == 0
