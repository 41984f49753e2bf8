from __future__ import annotations

import pytest

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.params import (
    FEncoderGroup,
    FPosteriorGroup,
    GeneratorGroup,
    Params,
    RunGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
    narrow,
    param,
)
from indl_vae.params.groups import ALL_GROUPS

#: The seed notebook's two containers, merged as it merges them for every builder.
SEED_DICT = {
    "random_seed": 1337,
    "batch_size": 16,
    "n_epochs": 100,
    "resample_X": 10,
    "q_f_samples": 1,
    "latent_samples": 4,
    "f_rnn_type": "BidirectionalGRUClip",
    "f_enc_input_samps": 0,
    "f_latent_off_diag": False,
    "q_f_init_std": 0.1,
    "f_prior_off_diag": False,
    "f_prior_kappa": 0.0,
    "f_prior_train_mean": True,
    "f_prior_train_var": True,
    "z1_rnn_type": "BidirectionalGRUClip",
    "z1_lag": 0,
    "z_prior_process": "RNN",
    "z_prior_var": 0.1,
    "gen_cell_type": "GRUClip",
    "gen_tile_input": False,
    "dropout_rate": 1e-2,
    "coordinated_dropout_rate": 0.1,
    "input_factors": 0,
    "gru_clip_value": 5.0,
    "gen_l2_reg": 1e-4,
    "learning_rate": 2e-3,
    "f_units": [128],
    "f_latent_size": 10,
    "z1_units": 16,
    "z2_units": 16,
    "z_latent_size": 4,
    "gen_n_hidden": 256,
    "n_factors": 10,
}
#: The same in the names of indl's newest version.
INDL_DICT = {
    "encs_rnn_type": "GRU",
    "encs_rnn_units": [12, 18],
    "encs_input_samps": 20,
    "qzs_off_diag": True,
    "qzs_init_std": 0.2,
    "zs_size": 6,
    "encd_rnn_type": "",
    "encd_rnn1_units": 8,
    "encd_rnn2_units": 0,
    "zd_lag": 2,
    "zd_size": 3,
    "dec_rnn_type": "LSTM",
    "dec_rnn_units": 20,
    "zs_to_dec": "tile",
    "pzd_process": "AR1",
    "pzd_tau": 5.0,
}


def test_a_group_is_picked_from_a_familys_parameters():
    params = make_params("lfads", ic_enc_dim=32, gru_clip_value=3.0)
    group = narrow(FEncoderGroup, params)
    assert type(group) is FEncoderGroup
    assert (group.f_units, group.gru_clip_value, group.learn_initial_states) == ((32,), 3.0, True)
    assert not hasattr(group, "gen_cell_type")
    assert narrow(FEncoderGroup, group) is group


@pytest.mark.parametrize("group", ALL_GROUPS)
@pytest.mark.parametrize(
    ("family", "preset"),
    [("lfads", "default"), ("lfads", "tf1"), ("lfads", "lfads_torch"), ("dsae", "tfp"), ("fhvae", "published")],
)
def test_parameters_and_their_dict_narrow_to_the_same(group, family, preset):
    params = make_params(family, preset=preset)
    narrowed = narrow(group, params)
    assert {**narrowed} == {**group(), **{name: params[name] for name in group.model_fields if name in params}}
    assert narrow(group, {**params}) == narrowed


def test_missing_fields_take_the_groups_defaults():
    class Elsewhere(Params):
        thing_of_another_family: int = param(3, "Something that no group has.")

    assert narrow(ZEncoderGroup, Elsewhere()) == narrow(ZEncoderGroup, {}) == ZEncoderGroup()
    assert narrow(ZEncoderGroup, {"thing_of_another_family": 4}) == ZEncoderGroup()


@pytest.mark.filterwarnings("ignore::indl_vae.params.UnusedSettingWarning")
@pytest.mark.parametrize("group", ALL_GROUPS)
def test_one_seed_dict_serves_every_group(group):
    assert type(narrow(group, SEED_DICT)) is group


@pytest.mark.filterwarnings("ignore::indl_vae.params.UnusedSettingWarning")
def test_seed_keys():
    assert narrow(RunGroup, SEED_DICT).bin_width_s == 0.01
    assert narrow(RunGroup, SEED_DICT).seed == 1337
    assert narrow(GeneratorGroup, SEED_DICT).gen_units == 256
    assert narrow(FEncoderGroup, {"f_units": 64}).f_units == (64,)


def test_indl_keys():
    generator = narrow(GeneratorGroup, INDL_DICT)
    assert (generator.gen_cell_type, generator.gen_units, generator.gen_tile_input) == ("LSTM", 20, True)
    encoder = narrow(ZEncoderGroup, INDL_DICT)
    assert (encoder.z1_rnn_type, encoder.z1_units, encoder.z2_units, encoder.z1_lag) == ("", 8, 0, 2)
    posterior = narrow(FPosteriorGroup, INDL_DICT)
    assert (posterior.f_latent_off_diag, posterior.q_f_init_std, posterior.f_latent_size) == (True, 0.2, 6)
    assert narrow(FEncoderGroup, INDL_DICT).f_units == (12, 18)


def test_keys_that_no_group_knows():
    with pytest.raises(ConfigError, match=r"'z1_unit' is not a parameter of any group\. Did you mean 'z1_units'\?"):
        narrow(FEncoderGroup, {"z1_unit": 3})
    with pytest.raises(ConfigError, match="params: expected a Params object or a dict, got list"):
        narrow(FEncoderGroup, [1])
    with pytest.raises(ConfigError, match="f_units: expected an integer"):
        narrow(FEncoderGroup, {"f_units": 0, "z1_units": "not looked at"})


@pytest.mark.parametrize(
    ("keys", "con_units"),
    [
        ({"gen_cell_type": "Complex"}, 16),
        ({"gen_cell_type": "complex", "z2_units": 30}, 30),
        ({"dec_rnn_type": "Complex", "encd_rnn2_units": 30}, 30),
        ({"gen_cell_type": "Complex", "z2_units": 30, "con_dim": 12}, 12),
        ({"gen_cell_type": "Complex", "z2_units": 0, "con_units": 12, "z_in_cell": True}, 12),
    ],
)
def test_complex_moves_the_second_z_network_into_the_generator(keys, con_units):
    generator = narrow(GeneratorGroup, keys)
    assert (generator.gen_cell_type, generator.con_units, generator.z_in_cell) == ("Complex", con_units, True)
    assert (narrow(ZEncoderGroup, keys).z2_units, narrow(ZEncoderGroup, keys).z_in_cell) == (0, True)
    assert narrow(ZPosteriorGroup, keys).z_in_cell


def test_complex_in_a_familys_parameters():
    assert make_params("lfads", z2_units=32).con_units == make_params("lfads", con_dim=32).con_units == 32
    assert make_params("lfads", z2_units=32).z2_units == 0
    assert make_params("lfads", z2_units=0).con_units == 64
    assert make_params("lfads", {"con_units": 12}, z2_units=32).con_units == 32
    plain = make_params("lfads", gen_cell_type="GRU", z2_units=9)
    assert (plain.z_in_cell, plain.z2_units, plain.con_units) == (False, 9, 64)
    assert plain.replace(gen_cell_type="Complex").con_units == 9
    assert plain.replace(gen_cell_type="Complex").z2_units == 0
