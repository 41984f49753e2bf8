"""examples/train_lfads.py: the flags of run_lfads.py become commands of indl-vae."""

from __future__ import annotations

import runpy
import warnings
from pathlib import Path

import pytest

from indl_vae import make_params
from indl_vae.cli.settings import given_params
from indl_vae.errors import ConfigError
from tests.params.foreign_configs import RUN_LFADS

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "train_lfads.py"))
translate, read_flags = SCRIPT["translate"], SCRIPT["read_flags"]
WHERE = ["--data=x.h5", "--out=run"]


def params_of(command: list[str]):
    """The parameters that a `train` command stands for."""
    settings = [part.removeprefix("--set=") for part in command if part.startswith("--set=")]
    given = {
        option: command[command.index(option) + 1]
        for option in ("--family", "--preset", "--config")
        if option in command
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = Path(given["--config"]) if "--config" in given else None
        return given_params(given.get("--family"), given.get("--preset"), config, settings)


def test_the_first_command_of_the_readme():
    command = translate(RUN_LFADS.split())
    start = ["--device", "gpu:0", "train", "--data", "data/chaotic_rnn_no_inputs", "--out", "runs/"]
    assert command[:7] == start
    assert not [part for part in command if "kind" in part or "data_dir" in part or "save_dir" in part]
    expected = {"co_dim": 0, "factors_dim": 20, "temporal_spike_jitter_width": 0}
    assert params_of(command) == make_params("lfads", expected, preset="tf1")


def test_booleans_numbers_and_flags_apart_from_their_values():
    command = translate(
        ["--do_causal_controller=true", "--keep_prob", "0.9", "--learning_rate_init=1e-3", *WHERE, "--resume"]
    )
    params = params_of(command)
    assert (params.z1_rnn_type, params.dropout_rate, params.learning_rate) == ("GRUClip", 0.1, 1e-3)
    assert "--resume" in command
    assert "--resume" not in translate([*WHERE, "--resume=false"])
    assert read_flags(["--a", "--b", "c"]) == {"a": "true", "b": "c"}


def test_flags_win_over_the_configuration_file(tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text("family: autolfads\npreset: fast\ngen_units: 7\nn_factors: 3\n")
    params = params_of(translate([f"--config={config}", "--factors_dim=5", *WHERE]))
    assert (params.family, params.preset, params.gen_units, params.n_factors) == ("autolfads", "fast", 7, 5)


def outputs(kind, checkpoint="latest", stem=""):
    named = ["--tf1-stem", stem] if stem else []
    return ["--out", str(Path("run") / f"{stem}{kind}.h5"), "--checkpoint", checkpoint, "--tf1-outputs", "run", *named]


PSA, PUSH = "posterior_sample_and_average", "posterior_push_mean"


@pytest.mark.parametrize(
    ("kind", "flags", "command"),
    [
        (PSA, [], ["posterior", "run", "--data", "x.h5", *outputs(PSA), "--samples", "128"]),
        (
            PSA,
            [
                "--batch_size=1024",
                "--co_dim=1",
                "--ps_nexamples_to_process=7",
                "--checkpoint_pb_load_name=checkpoint_lve",
            ],
            ["posterior", "run", "--data", "x.h5", *outputs(PSA, "best"), "--samples", "1024", "--max-trials", "7"],
        ),
        (
            PUSH,
            ["--batch_size=1024", "--output_filename_stem=s_"],
            ["posterior", "run", "--data", "x.h5", *outputs(PUSH, stem="s_"), "--push-mean"],
        ),
        ("prior_sample", ["--batch_size=50"], ["prior", "run", "--samples", "50", *outputs("prior_sample")]),
        ("write_model_params", [], ["export", "run", "--data", "x.h5", *outputs("write_model_params")]),
    ],
)
def test_kinds(kind, flags, command):
    assert translate([f"--kind={kind}", *WHERE, *flags]) == command


def test_devices_stand_before_the_command():
    command = translate(["--device=cpu:0", "--allow_gpu_growth=True", *WHERE])
    assert command[:4] == ["--device", "cpu:0", "--allow-gpu-growth", "train"]


def test_a_learning_rate_is_reset_where_a_run_goes_on():
    reset = ["--do_reset_learning_rate=true", *WHERE]
    assert "--reset-learning-rate" in translate([*reset, "--resume"])
    assert "--reset-learning-rate" not in translate(reset), "a new run starts with the learning rate anyway"


def test_an_empty_value_is_a_text_without_letters():
    assert params_of(translate([*WHERE])).csv_log == "fitlog"
    assert params_of(translate(["--csv_log=", *WHERE])).csv_log == ""


def test_flags_that_differ_from_the_run_are_named(tmp_path, capsys):
    make_params("lfads", preset="tf1", co_dim=2).to_yaml(tmp_path / "params.yaml")
    flags = [f"--kind={PSA}", "--data=x.h5", f"--out={tmp_path}", "--batch_size=9"]
    translate([*flags, "--co_dim=2", "--keep_prob=0.95"])
    assert capsys.readouterr().err == ""
    translate([*flags, "--co_dim=1"])
    assert "without effect: z_latent_size = 1 (the run has 2)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--resume=perhaps", *WHERE], "--resume=perhaps: expected true or false"),
        (
            ["--checkpoint_pb_load_name=x", *WHERE],
            "--checkpoint_pb_load_name=x: expected one of checkpoint, checkpoint_lve",
        ),
        (["--checkpoint_pb_load_name=checkpoint_lve", *WHERE], "expected checkpoint with --kind=train"),
        (["--kind=tarin", *WHERE], "--kind=tarin: expected one of train, posterior_sample_and_average"),
        (["--kind=posterior_push_mean", "--facters_dim=3", *WHERE], "Did you mean 'factors_dim'"),
        (["--data_dir=x", "--out=run"], "--data: expected a file, or --data_dir and --data_filename_stem together"),
        (["--data=x"], "--out: expected the folder of the run, or --lfads_save_dir, got neither"),
        (["train"], "train: expected --flag=value, for example --kind=train"),
    ],
)
def test_what_cannot_be_translated(flags, message):
    with pytest.raises(ConfigError, match=message):
        translate(flags)
