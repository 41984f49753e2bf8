from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.families.lfads.params import LFADSParams
from indl_vae.params import OutputGroup, Params, RunGroup, param


def test_unknown_key_suggests_the_nearest():
    with pytest.raises(
        ConfigError, match=r"'f_latnt_size' is not a parameter of lfads\. Did you mean 'f_latent_size'\?"
    ):
        make_params("lfads", f_latnt_size=3)
    with pytest.raises(ValueError, match="'ic_enc_dim', another name of 'f_units'"):
        make_params("lfads", {"ic_enc_dm": 3})
    with pytest.raises(ConfigError, match=r"is not a parameter of lfads\. `indl-vae params` lists"):
        make_params("lfads", qqqqqq=3)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"f_units": 0},
            r"f_units: expected an integer, or a list of integers, >= 1, got 0\. Set f_units .*default \[64\]",
        ),
        ({"f_units": [3, True]}, r"f_units: expected an integer, or a list"),
        ({"f_units": []}, r"f_units: expected an integer, or a list"),
        ({"f_units": None}, r"f_units: expected an integer, or a list"),
        ({"keep_prob": -0.2}, r"dropout_rate: expected a number >= 0 and < 1, got -0\.2 \(given as keep_prob\)"),
        ({"seed": True}, r"seed: expected an integer >= 0 and <= 2147483647, got True"),
        ({"n_epochs": 1.5}, r"n_epochs: expected an integer >= 1, got 1\.5"),
        ({"batch_size": "many"}, r"batch_size: expected an integer >= 1, got 'many'"),
        ({"learning_rate": 0}, r"learning_rate: expected a number > 0, got 0"),
        ({"adam_epsilon": float("nan")}, r"adam_epsilon: expected a number > 0, got nan"),
        ({"max_grad_norm": float("inf")}, r"max_grad_norm: expected a number > 0, got inf"),
        ({"bin_width_s": "a"}, r"bin_width_s: expected a number > 0, or null, got 'a'.*default null"),
        ({"valid_batch_size": 0}, r"valid_batch_size: expected an integer >= 1, or null, got 0"),
        ({"jit_compile": "maybe"}, r"jit_compile: expected true or false, got 'maybe'"),
        ({"missing": None}, r"missing: expected one of 'error', 'mask', got None"),
        ({"gen_cell_type": "Complx"}, r"gen_cell_type: expected one of 'GRUClip', .*'Complex', got 'Complx'\. Did you"),
        ({"likelihood": "poison"}, r"likelihood: expected one of 'poisson', .* Did you mean 'poisson'\?"),
        ({"heldout_channels": "3"}, r"heldout_channels: expected a slice such as .* got '3'"),
        ({"preset": "tf2"}, r"preset: expected one of default, .* for lfads, got 'tf2'\. Did you mean 'tf1'\?"),
        ({"preset": 3}, r"preset: expected one of default, .* for lfads, got 3\.$"),
    ],
)
def test_values_are_checked(keys, message):
    with pytest.raises(ConfigError, match=message):
        make_params("lfads", keys)


def test_every_fault_is_reported_at_once():
    with pytest.raises(ConfigError) as caught:
        make_params("lfads", batch_size=0, n_factors=0)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["n_factors", "batch_size"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"con_units": 0},
            r"con_units: expected more than 0 with gen_cell_type = 'Complex' and z_latent_size = 1, got 0",
        ),
        ({"z1_units": 0}, r"z1_units: expected more than 0 with z_latent_size = 1, got 0"),
        ({"gen_tile_input": True}, r"gen_tile_input: expected False with gen_cell_type = 'Complex'"),
        (
            {"gen_cell_type": "GRU", "z_in_cell": True},
            r"z_in_cell: expected False with gen_cell_type = 'GRU', got True",
        ),
        ({"f_prior_var_min": 0.5}, r"f_prior_var_max: expected at least f_prior_var_min = 0\.5, got 0\.1"),
        ({"f_prior_var_max": 0.5}, r"f_prior_kappa: expected a starting variance between f_prior_var_min = 0\.1 and"),
        ({"learning_rate": 1e-5}, r"learning_rate: expected more than lr_stop = 1e-05"),
        ({"hidden_rate": 0}, r"hidden_rate: expected more than 0 with select_on = 'hidden'"),
        ({"select_on": "heldout_channels"}, r"heldout_channels: expected channels with select_on"),
        ({"recon_seq_len": 5}, r"encod_seq_len and recon_seq_len: expected both"),
        ({"recon_seq_len": 5, "encod_seq_len": 6}, r"recon_seq_len: expected at least encod_seq_len"),
    ],
)
def test_values_that_contradict_each_other(keys, message):
    with pytest.raises(ConfigError, match=message):
        make_params("lfads", keys)


def test_values_that_agree():
    assert make_params("lfads", co_dim=0, con_units=0, z1_units=0).z_latent_size == 0
    assert make_params("lfads", f_prior_var_min=0.01, f_prior_var_max=1.0).f_prior_kappa == 0.1
    assert make_params("lfads", select_on="heldout_channels", heldout_channels="3::4").heldout_channels == "3::4"
    assert make_params("lfads", lr_rule="none", learning_rate=1e-6).learning_rate == 1e-6


@pytest.mark.parametrize(
    ("written", "value"),
    [("Poisson", "poisson"), ("NEGATIVE-BINOMIAL", "negative_binomial"), ("ZeroInflatedGamma", "zero_inflated_gamma")],
)
def test_choices_in_any_case(written, value):
    assert make_params("lfads", output_dist=written).likelihood == value


def test_spellings_of_values():
    params = make_params("lfads", f_units=np.int64(3), batch_size=64.0, jit_compile="no", gru_clip_value=float("inf"))
    assert (params.f_units, params.batch_size, params.jit_compile, params.gru_clip_value) == ((3,), 64, False, np.inf)
    assert isinstance(params.batch_size, int)
    assert make_params("lfads", learning_rate=np.float64(0.5)).to_yaml().count("numpy") == 0
    assert make_params("lfads", f_units=np.array([3, 4])).f_units == (3, 4)
    assert make_params("lfads", f_units="32", n_epochs="5").f_units == (32,)


def test_a_family_extends_the_choices_of_a_field():
    class Wider(OutputGroup):
        more_choices = {"likelihood": ("student_t",)}

    assert Wider(likelihood="Student-T").likelihood == "student_t"
    assert Wider(likelihood="poisson").likelihood == "poisson"
    with pytest.raises(ConfigError, match="expected one of 'poisson', "):
        OutputGroup(likelihood="student_t")


def test_a_family_changes_defaults_without_touching_the_groups():
    class Family(RunGroup, defaults={"family": "mine", "batch_size": 7}):
        pass

    assert (Family().batch_size, Family.model_fields["batch_size"].default) == (7, 7)
    assert RunGroup().batch_size == 16
    with pytest.raises(ConfigError, match=r"family: expected 'mine', got 'lfads'"):
        Family(family="lfads")


def test_the_class_alone_takes_aliases_and_presets():
    assert LFADSParams(ic_dim=3, preset="tf1") == make_params("lfads", ic_dim=3, preset="tf1")


def test_replace():
    params = make_params("lfads", preset="tf1", ic_dim=5)
    replaced = params.replace(keep_prob=0.9, preset="tf1")
    assert (replaced.dropout_rate, replaced.f_latent_size, replaced.adam_epsilon) == (0.1, 5, 0.1)
    with pytest.raises(ConfigError, match=r"replace: preset is 'tf1' .* Call make_params with preset = 'fast' instead"):
        params.replace(preset="fast")
    with pytest.raises(ConfigError, match=r"replace: family is 'lfads'"):
        params.replace(family="autolfads")
    with pytest.raises(ConfigError, match="Did you mean 'n_factors'"):
        params.replace(n_factor=3)


def test_precedence():
    config = {"preset": "tf1", "learning_rate": 0.5, "gen_dim": 30, "family": "lfads"}
    params = make_params("lfads", config, lr_init=0.25)
    assert (params.learning_rate, params.gen_units, params.adam_epsilon, params.n_factors) == (0.25, 30, 0.1, 50)
    assert make_params("lfads", config, preset="lite").adam_epsilon == 1e-8


def test_a_key_given_twice():
    with pytest.raises(ConfigError, match=r"f_units is given twice: f_units = 3 and ic_enc_dim = 4\. Leave one"):
        make_params("lfads", f_units=3, ic_enc_dim=4)
    assert make_params("lfads", f_units=3, ic_enc_dim=3).f_units == (3,)


def test_the_family_in_a_file(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("family: autolfads\nic_dim: 5\n")
    assert Params.from_yaml(path) == make_params("autolfads", ic_dim=5)
    with pytest.raises(ConfigError, match=r"family: the settings are those of 'autolfads', but 'lfads' was asked for"):
        LFADSParams.from_yaml(path)
    path.write_text("ic_dim: 5\n")
    assert LFADSParams.from_yaml(str(path)).f_latent_size == 5
    with pytest.raises(ConfigError, match=r"config\.yaml: expected the key 'family', got ic_dim"):
        Params.from_yaml(path)
    with pytest.raises(ConfigError, match=r"mapping: expected a dict of parameters, got str"):
        make_params("lfads", str(path))


def test_to_yaml_writes_the_file_it_returns(tmp_path):
    params = make_params("lfads")
    assert params.to_yaml(tmp_path / "params.yaml") == (tmp_path / "params.yaml").read_text()


def test_a_group_without_documentation_is_refused():
    with pytest.raises(ConfigError, match="a parameter needs a doc"):

        class Group(Params):
            rate: float = param(0.5, "")
