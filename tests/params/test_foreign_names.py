"""The settings of run_lfads.py, run_lfadslite.py, AutoLFADS and lfads-torch, under their own names."""

from __future__ import annotations

import math

import pytest

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.params import UnusedSettingWarning, read_yaml
from tests.params.foreign_configs import (
    AUTOLFADS,
    AUTOLFADS_MEANS,
    LFADS_TORCH,
    LFADS_TORCH_MEANS,
    LITE_FLAGS,
    LITE_MEANS,
    RUN_LFADS,
)


def differing(params, expected: dict) -> dict:
    """The expected values that do not hold, with what stands instead."""
    return {name: (params[name], value) for name, value in expected.items() if params[name] != value}


def test_every_flag_of_run_lfads():
    flags = dict(flag.removeprefix("--").split("=", 1) for flag in RUN_LFADS.split())
    with pytest.warns(UnusedSettingWarning) as warned:
        params = make_params("lfads", flags, preset="tf1")
    assert len(warned) == 1
    message = str(warned[0].message)
    named = "kind data_dir data_filename_stem lfads_save_dir device co_prior_var_scale".split()
    assert message.startswith("accepted from other codes and without effect on lfads: kind, data_dir,")
    assert not [name for name in named if name not in message]
    assert "co_dim" not in message
    # The README's values are the preset's, but for the sizes that it sets for this data set.
    expected = make_params("lfads", preset="tf1", co_dim=0, factors_dim=20)
    assert differing(params, {**expected}) == {}


def torch_transform(name: str, **options) -> dict:
    """A stack of one of lfads-torch's transforms."""
    target = f"lfads_torch.modules.augmentations.{name}"
    return {"train_aug_stack": {"transforms": [{"_target_": target, **options}], "batch_order": [0]}}


@pytest.mark.filterwarnings("ignore::indl_vae.params.UnusedSettingWarning")
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"do_causal_controller": "true"}, {"z1_rnn_type": "GRUClip"}),
        ({"num_steps_for_gen_ic": 30}, {"f_enc_input_samps": 30}),
        ({"output_dist": "gaussian"}, {"likelihood": "gaussian"}),
        ({"prior_ar_nvar": 0.04}, {"z_prior_init_std": 0.2}),
        ({"do_train_prior_ar_atau": False}, {"z_prior_train_tau": False}),
        ({"kl_increase_steps": 7}, {"kl_ramp_length": 7, "ramp_unit": "step"}),
        ({"do_feed_factors_to_controller": "false"}, {"feed_factors_to_controller": False}),
        ({"CO_AUTOREG_PRIOR": False}, {"z_prior_process": "tiled"}),
        ({"READIN_DIM": 12}, {"input_factors": 12}),
        ({"NLL_MEAN": False}, {"nll_reduction": "sum"}),
        ({"lr_scheduler": False}, {"lr_rule": "none"}),
        ({"co_prior": {"_target_": "lfads_torch.modules.priors.Null"}}, {"z_prior_process": "null"}),
        ({"resample_X": 5}, {"bin_width_s": 0.005}),
        ({"feedback_factors_or_rates": "rates"}, {"feedback": "rates", "feed_factors_to_controller": True}),
        ({"cell_weight_scale": "2.0"}, {"cell_weight_scale": 2.0}),
        ({"gen_cell_input_weight_scale": 2}, {"gen_input_weight_scale": 2.0}),
        ({"gen_cell_rec_weight_scale": 2}, {"gen_recurrent_weight_scale": 2.0}),
        ({"temporal_spike_jitter_width": 2}, {"spike_jitter_width": 2, "spike_jitter_inclusive": False}),
        (torch_transform("SpikeJitter"), {"spike_jitter_width": 2, "spike_jitter_inclusive": True}),
        (torch_transform("SpikeJitter", width=1), {"spike_jitter_width": 1}),
        (torch_transform("TemporalShift"), {"shift_std": 3.0, "shift_max": 6}),
        (torch_transform("TemporalShift", max_shift=4), {"shift_std": 3.0, "shift_max": 4}),
        (torch_transform("SelectiveBackpropThruTime"), {"missing": "mask"}),
        ({"co_dim": 2, "co_mean_corr_scale": 0.5}, {"co_mean_corr_scale": 0.5}),
        ({"ic_dim": 0}, {"f_latent_size": 0}),
        ({"SAMPLE_POSTERIORS": False}, {"sample_posteriors": False, "z_prior_process": "AR1"}),
        (
            {"variational": False},
            {"sample_posteriors": False, "f_prior_process": "null", "z_prior_process": "null"},
        ),
        ({"variational": True}, {"sample_posteriors": True, "z_prior_process": "AR1"}),
        ({"ic_prior": {"_target_": "a.Null"}}, {"f_prior_process": "null"}),
        (
            {"ic_prior": {"mean": 0.5}, "co_prior": {"mean": 0.25}},
            {"f_prior_init_mean": 0.5, "z_prior_init_mean": 0.25},
        ),
        (
            {"CO_AUTOREG_PRIOR": False},
            {"z_prior_train_mean": True, "z_prior_train_var": False, "kl_z_reduction": "mean"},
        ),
        ({"CO_AUTOREG_PRIOR": True}, {"z_prior_train_mean": False, "kl_z_reduction": "sum"}),
        ({"co_prior": {"_target_": "a.MultivariateNormal"}}, {"z_prior_process": "tiled", "kl_z_reduction": "mean"}),
        ({"zs_to_dec": "initial conditions"}, {"gen_tile_input": False}),
    ],
)
def test_conversions(flags, expected):
    assert differing(make_params("lfads", flags), expected) == {}


def test_lite_flags():
    assert differing(make_params("lfads", LITE_FLAGS), LITE_MEANS) == {}


def leaves(tree: dict, path: str = "") -> dict:
    """A nested mapping with dotted keys."""
    flat = {}
    for key, value in tree.items():
        flat.update(leaves(value, f"{path}{key}.") if isinstance(value, dict) else {f"{path}{key}": value})
    return flat


@pytest.mark.filterwarnings("ignore::indl_vae.params.UnusedSettingWarning")
@pytest.mark.parametrize("spell", ["nested", "dotted", "without the first level", "with underscores"])
def test_autolfads_tree(spell):
    tree = read_yaml(AUTOLFADS)
    flat = leaves(tree)
    keys = {
        "nested": tree,
        "dotted": flat,
        "without the first level": {key.removeprefix("MODEL.").removeprefix("TRAIN."): flat[key] for key in flat},
        "with underscores": {
            key.removeprefix("MODEL.").removeprefix("TRAIN.").replace(".", "_"): flat[key] for key in flat
        },
    }[spell]
    params = make_params("lfads", keys)
    assert differing(params, AUTOLFADS_MEANS) == {}


def test_autolfads_settings_without_effect_are_named():
    with pytest.warns(UnusedSettingWarning, match=r"lfads: MODEL\.SEQ_LEN, TRAIN\.DATA\.DIR, TRAIN\.DATA\.PREFIX"):
        make_params("lfads", read_yaml(AUTOLFADS))


@pytest.mark.filterwarnings("ignore::indl_vae.params.UnusedSettingWarning")
@pytest.mark.parametrize("level", [None, "model"])
def test_lfads_torch_configuration(level):
    tree = read_yaml(LFADS_TORCH)
    params = make_params("lfads", {level: tree} if level else tree)
    assert differing(params, LFADS_TORCH_MEANS) == {}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"feedback_factors_or_rates": "rates", "output_dist": "gamma"},
            r"feedback: 'rates' expects likelihood 'poisson' or 'gaussian', got 'gamma'",
        ),
        (
            {"temporal_spike_jitter_width": 2, "output_dist": "gaussian"},
            r"spike_jitter_width: expected 0 with likelihood = 'gaussian', got 2",
        ),
        ({"co_mean_corr_scale": 1.0}, r"co_mean_corr_scale: expected 0 with fewer than 2 inferred inputs"),
        ({"kl_z_reduction": "mean"}, r"kl_z_reduction: expected 'sum' with z_prior_process = 'AR1'"),
        (
            {"ic_dim": 0, "gen_cell_type": "GRU"},
            r"f_latent_size: expected at least 1 unless gen_cell_type is 'Complex'",
        ),
        (
            {"variational": False, "co_prior": {"_target_": "a.AutoregressiveMultivariateNormal"}},
            r"z_prior_process is given twice",
        ),
        (
            {"TRAIN": {"ENCODERS_ONLY": True}, "do_train_io_only": "true"},
            r"train_io_only and train_encoders_only: expected at most one of them",
        ),
        (
            {"ic_prior": {"_target_": "a.MultivariateStudentT"}},
            r"ic_prior\._target_: expected a value for f_prior_process",
        ),
        (
            {"co_prior": {"_target_": "a.MultivariateStudentT"}},
            r"co_prior\._target_: expected a value for z_prior_process",
        ),
        ({"keep_prob": "most"}, r"keep_prob: expected a value for dropout_rate .*, got 'most'"),
        ({"prior_ar_nvar": -1}, r"prior_ar_nvar: expected a value for z_prior_init_std .* a variance is not negative"),
        ({"do_causal_controller": 3}, r"do_causal_controller: expected .* got 3: expected true or false"),
        ({"n_heldin": 0}, r"n_heldin: expected .* at least one channel has to be seen"),
        (
            {"kl_start_step": 1, "l2_start_epoch": 1},
            r"ramp_unit is given twice: kl_start_step = 1 and l2_start_epoch = 1",
        ),
        (
            {"keep_prob": 0.9, "dropout_rate": 0.2},
            r"dropout_rate is given twice: keep_prob = 0\.9 and dropout_rate = 0\.2",
        ),
    ],
)
def test_settings_that_would_ask_for_another_model(keys, message):
    with pytest.raises(ConfigError, match=message):
        make_params("lfads", keys)


def test_probabilities_of_keeping_become_round_rates():
    assert [make_params("lfads", keep_prob=keep).dropout_rate for keep in (0.95, 0.9, 0.7)] == [0.05, 0.1, 0.3]


def test_variances_become_standard_deviations():
    assert make_params("lfads", z_prior_var=0.1).z_prior_init_std == math.sqrt(0.1)
