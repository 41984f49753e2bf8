"""Preset < configuration file < --set, and what a resumed run may change."""

from __future__ import annotations

import pytest

from indl_vae import make_params
from indl_vae.cli.settings import given_params, parse_settings, resumed_params
from indl_vae.errors import ConfigError
from indl_vae.run_folder import RunFolder


def test_values_are_yaml():
    settings = [
        "learning_rate=1e-3",
        "f_units=[8, 9]",
        "heldout_channels=3::4",
        "jit_compile=false",
        "seed = 3",
        "a=b=c",
    ]
    assert parse_settings(settings) == {
        "learning_rate": 0.001,
        "f_units": [8, 9],
        "heldout_channels": "3::4",
        "jit_compile": False,
        "seed": 3,
        "a": "b=c",
    }


@pytest.mark.parametrize("setting", ["learning_rate", "=3", " =3"])
def test_settings_without_key_or_value(setting):
    with pytest.raises(ConfigError, match="expected KEY=VALUE, for example --set learning_rate=1e-3"):
        parse_settings([setting])


def test_settings_that_are_not_yaml():
    with pytest.raises(ConfigError, match=r"value '\[1': expected YAML"):
        parse_settings(["f_units=[1"])


def test_precedence(tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text("family: lfads\npreset: tf1\nlearning_rate: 0.02\nMODEL: {GEN_DIM: 33}\nbatch_size: 7\n")
    params = given_params(None, "lite", config, ["batch_size=9", "ic_dim=5"])
    preset = make_params("lfads", preset="lite")
    assert params.preset == "lite" and params.l2_biases == preset.l2_biases
    assert (params.learning_rate, params.gen_units) == (0.02, 33)
    assert (params.batch_size, params.f_latent_size) == (9, 5)
    assert params.n_factors == preset.n_factors
    assert given_params(None, None, config, []).preset == "tf1"


@pytest.mark.parametrize(
    ("family", "settings", "expected"),
    [(None, [], "lfads"), ("autolfads", [], "autolfads"), (None, ["family=autolfads"], "autolfads")],
)
def test_family_by_option_or_setting_or_lfads(family, settings, expected):
    assert given_params(family, None, None, settings).family == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("autolfads", None, ["family=lfads"]), "'lfads', but 'autolfads' was asked for"),
        (
            ("lfads", None, ["f_latnt_size=3"]),
            "'f_latnt_size' is not a parameter of lfads. Did you mean 'f_latent_size'",
        ),
        (("lfads", None, ["mapping=3"]), "'mapping' is not a parameter of lfads"),
        (("lfads", None, ["batch_size=none"]), "batch_size: expected an integer >= 1, got 'none'"),
        (("lfads", "fats", []), "preset: expected one of default, fast"),
        (("ldafs", None, []), "unknown family 'ldafs'.*Did you mean 'lfads'"),
    ],
)
def test_what_is_not_accepted(arguments, message):
    family, preset, settings = arguments
    with pytest.raises(ConfigError, match=message):
        given_params(family, preset, None, settings)


def test_a_missing_configuration_file(tmp_path):
    with pytest.raises(ConfigError, match="none.yaml: expected a readable YAML file"):
        given_params("lfads", None, tmp_path / "none.yaml", [])


@pytest.fixture
def trained(tmp_path):
    """A run folder that holds parameters."""
    files = RunFolder(tmp_path)
    make_params("lfads", preset="fast", seed=4).to_yaml(files.params)
    return files


def test_resume_takes_the_parameters_of_the_run(trained):
    assert resumed_params(trained, None, None, None, []) == make_params("lfads", preset="fast", seed=4)
    # The command that started the run, with --resume added, is the natural thing to type.
    assert resumed_params(trained, "lfads", "fast", None, ["seed=4"]).seed == 4


def test_resume_may_go_on_longer(trained):
    assert resumed_params(trained, None, None, None, ["epochs=900"]).n_epochs == 900


@pytest.mark.parametrize(
    ("preset", "settings", "message"),
    [
        (None, ["seed=5"], r"params.yaml: with --resume only n_epochs may change, got seed = 5 \(the run has 4\)"),
        ("tf1", [], r"got preset = 'tf1' \(the run has 'fast'\)"),
    ],
)
def test_resume_changes_nothing_else(trained, preset, settings, message):
    with pytest.raises(ConfigError, match=message):
        resumed_params(trained, None, preset, None, settings)


def test_resume_of_another_family(trained):
    with pytest.raises(ConfigError, match="'autolfads', but 'lfads' was asked for"):
        resumed_params(trained, "autolfads", None, None, [])
