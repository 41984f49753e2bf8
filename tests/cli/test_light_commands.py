"""Help, version, families, params, synth and inspect: what they say, and that they load no TensorFlow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import h5py
import pytest

import indl_vae
from indl_vae.data import load_dataset, synthetic
from tests.cli.tiny import run, write_data

COMMANDS = "families params synth convert inspect train scan tune pbt posterior prior export evaluate nlb dynamics fixed-points report import-weights".split()
IN_ONE_PROCESS = """
import sys
from indl_vae.cli import main
for line in {lines!r}:
    try:
        main(line)
    except SystemExit as stop:
        if stop.code != 0:
            sys.exit(f"{{line}}: exit code {{stop.code}}")
heavy = sorted({{"tensorflow", "keras", "tf_keras", "tensorflow_probability"}} & set(sys.modules))
sys.exit(f"loaded {{heavy}}" if heavy else 0)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: indl-vae {command}") and "--help" in result.stdout


def test_help_lists_the_commands_in_the_order_of_use():
    listed = run("--help").stdout.split("Commands:")[1]
    assert [line.split()[0] for line in listed.strip().splitlines()] == COMMANDS
    assert "..." not in listed, "the first sentences fit into a line"


def test_the_page_of_the_command_has_a_section_for_each():
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    assert sorted(line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")) == sorted(
        COMMANDS
    )


def test_version():
    assert run("--version").stdout == f"indl-vae {indl_vae.__version__}\n"


def test_light_commands_load_no_tensorflow(tmp_path):
    data = str(write_data(tmp_path / "x.h5"))
    lines = [["--help"], ["--version"], ["families"], ["params", "lfads"], ["inspect", data], ["train", "--help"]]
    done = subprocess.run(
        [sys.executable, "-c", IN_ONE_PROCESS.format(lines=lines)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_families_with_their_presets():
    lines = run("families").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(indl_vae.families())
    assert "presets: default, fast, tf1, lite, autolfads_tf2, lfads_torch" in run("families").stdout


def test_params_of_a_preset():
    text = run("params", "lfads", "--preset", "tf1").stdout
    assert "l2_gen_scale = 2000    (>= 0)    [tune, live]" in text
    assert "f_units = [128]" in text and "jit_compile = true" in text and "bin_width_s = null" in text
    assert "Also: ic_enc_dim" in text
    names = [line.split(" = ")[0] for line in text.splitlines() if not line.startswith(" ")]
    assert names == list(indl_vae.make_params("lfads").keys())


def test_params_as_markdown():
    lines = run("params", "lfads", "--markdown").stdout.splitlines()
    assert lines[0].startswith("| name | type | default |")
    assert len(lines) == 2 + len(indl_vae.make_params("lfads").keys())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["params", "lfad"],
            "unknown family 'lfad': expected one of autolfads, ceneurovae, dendplrnn, dsae, fhvae, lfads, mrsds, dsae_full",
        ),
        (["params", "lfads", "--preset", "fats"], "preset: expected one of default, fast, tf1"),
        (["synth", "lorentz", "--out", "x.h5"], "unknown synthetic data set 'lorentz': expected one of"),
        (["inspect", "no_such.h5"], "no_such.h5: no such file"),
    ],
)
def test_bad_names(arguments, message):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ") and message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_unknown_set_is_answered_with_those_that_exist():
    message = run("synth", "worm-set", "--out", "x.h5").stderr
    assert not [name for name in synthetic.names() if name not in message]


def test_wrong_usage_is_exit_code_2_without_frames():
    result = run("train", "--data", "x.h5")
    assert result.exit_code == 2
    assert "Error: Missing option '--out'" in result.stderr
    assert "│" not in result.stderr


def test_synth_writes_what_the_set_is(tmp_path):
    result = run("synth", "Lorenz", "--seed", 2, "--out", tmp_path / "new" / "x.h5")
    assert (result.exit_code, result.stdout) == (0, f"Wrote {tmp_path / 'new' / 'x.h5'}\n")
    expected = synthetic.make("lorenz", seed=2).dataset()
    assert (load_dataset(tmp_path / "new" / "x.h5").valid.x == expected.valid.x).all()


def test_synth_passes_name_path_and_options_on(tmp_path, monkeypatch):
    asked = []

    def write_each(*arguments, **options):
        asked.append((*arguments, options))
        return iter([tmp_path / "a", tmp_path / "b"])

    monkeypatch.setattr(synthetic, "write_each", write_each)
    result = run("synth", "chaotic-rnn-multisession", "--out", tmp_path, "--set", "n_conditions=7", "--set", "x=1e-3")
    assert asked == [("chaotic-rnn-multisession", tmp_path, None, {"n_conditions": 7, "x": 1e-3})]
    assert result.stdout == f"Wrote {tmp_path / 'a'}\nWrote {tmp_path / 'b'}\n"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("n_condition=3", "itb-rnn: unknown option 'n_condition', expected some of"),
        ("n_conditions=many", "itb-rnn: n_conditions: 'many', expected a whole number from 1"),
        ("weights=no_such.npz", "no_such.npz: cannot be read as a network's weights"),
        ("seed=3", "--set seed: is no option of a set"),
        ("n_conditions", "expected KEY=VALUE"),
    ],
)
def test_synth_refuses_options(setting, message):
    result = run("synth", "itb-rnn", "--out", "x.h5", "--set", setting)
    assert (result.exit_code, result.stdout) == (2, "") and message in result.stderr


def test_inspect_says_what_is_there_and_what_is_wrong(tmp_path):
    data = write_data(tmp_path / "x.h5")
    text = run("inspect", data).stdout
    assert "16 trials x 12 bins x 8 channels" in text and "bin width  0.01 s" in text
    assert text.endswith("  loads (likelihood poisson)\n")
    with h5py.File(data, "a") as file:
        del file["valid_data"], file.attrs["bin_width_s"]
    result = run("inspect", data, "--bin-width-s", 0.02)
    assert result.exit_code == 0 and "bin width  0.02 s" in result.stdout
    assert "does not load" in result.stdout and "valid_data" in result.stdout
