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
    assert command[:5] == ["train", "--data", "data/chaotic_rnn_no_inputs", "--out", "runs/"]
    assert not [part for part in command if "kind" in part or "data_dir" in part or "save_dir" in part]
    assert params_of(command) == make_params("lfads", preset="tf1", co_dim=0, factors_dim=20)


def test_booleans_numbers_and_flags_apart_from_their_values():
    command = translate(
        ["--do_causal_controller=true", "--keep_prob", "0.9", "--learning_rate_init=1e-3", *WHERE, "--resume"]
    )
    params = params_of(command)
    assert (params.z1_rnn_type, params.dropout_rate, params.learning_rate) == ("GRUClip", 0.1, 1e-3)
    assert command[-4:][0] == "--resume" or "--resume" in command
    assert "--resume" not in translate([*WHERE, "--resume=false"])
    assert read_flags(["--a", "--b", "c"]) == {"a": "true", "b": "c"}


def test_flags_win_over_the_configuration_file(tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text("family: autolfads\npreset: fast\ngen_units: 7\nn_factors: 3\n")
    params = params_of(translate([f"--config={config}", "--factors_dim=5", *WHERE]))
    assert (params.family, params.preset, params.gen_units, params.n_factors) == ("autolfads", "fast", 7, 5)


@pytest.mark.parametrize(
    ("kind", "flags", "command"),
    [
        ("posterior_sample_and_average", [], []),
        ("posterior_sample_and_average", ["--batch_size=1024", "--co_dim=1"], ["--samples", "1024"]),
        ("posterior_push_mean", ["--batch_size=1024", "--checkpoint_pb_load_name=checkpoint_lve"], ["--push-mean"]),
    ],
)
def test_posteriors(kind, flags, command):
    expected = ["posterior", "run", "--data", "x.h5", "--out", str(Path("run") / f"{kind}.h5"), *command]
    assert translate([f"--kind={kind}", *WHERE, *flags]) == expected


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--kind=prior_sample", *WHERE], "--kind=prior_sample: not offered by this script; `indl-vae prior RUN"),
        (["--kind=write_model_params", *WHERE], "not offered by this script; `indl-vae export RUN"),
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
