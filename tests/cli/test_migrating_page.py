"""docs/migrating.md: both forms of each command are one, and each command runs."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import pytest

from indl_vae.data import synthetic
from indl_vae.data.synthetic.set_options import options_for
from tests.cli.tiny import run
from tests.params.foreign_configs import RUN_LFADS

PROJECT = Path(__file__).parents[2]
TRANSLATE = runpy.run_path(str(PROJECT / "examples" / "train_lfads.py"))["translate"]
#: A few epochs of a small model, whatever else a command asks for.
SMALL = (
    "--n_epochs=2 --batch_size=8 --ic_enc_dim=4 --ci_enc_dim=4 --con_dim=4 --gen_dim=6 --jit_compile=false "
    "--kl_increase_steps=1 --l2_increase_steps=1"
).split()
FEW = {"n_conditions": 4, "n_replications": 5, "n_units": 12, "n_observed": 4}
SETS = {
    "chaotic_rnn_no_inputs": "chaotic_rnn_no_inputs.h5",
    "chaotic_rnn_inputs_g2p5": "chaotic_rnn_inputs_g2p5.h5",
    "chaotic_rnn_multisession": "",
    "itb_rnn": "itb_rnn.h5",
    "chaotic_rnns_labeled": "chaotic_rnns_labeled.h5",
}


def commands(program: str) -> list[list[str]]:
    """The arguments of each command of the page that begins with a program, under a heading of its own."""
    text = (PROJECT / "docs" / "migrating.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^### .*?\n\n(.*?)(?=^###? |\Z)", text, re.M | re.S)
    found = [re.findall(rf"```sh\n{program} (.*?)```", block, re.S) for block in blocks]
    return [shlex.split(one.replace("\\\n", " ")) for lines in found for one in lines]


def parts(arguments: list[str]) -> list[str]:
    """Settings and the rest, in no order: `--set a=b` is `--set=a=b`."""
    return sorted(" ".join(arguments).replace("--set ", "--set=").split())


PAIRS = list(zip(commands("python examples/train_lfads.py"), commands("indl-vae"), strict=True))


def test_the_page_has_every_command_of_the_readme():
    kinds = [flag for flags, _ in PAIRS for flag in flags if flag.startswith("--kind=")]
    assert kinds == ["--kind=train"] * 6 + [
        f"--kind={kind}" for kind in ("posterior_sample_and_average", "prior_sample", "write_model_params")
    ]
    named = [{flag.split("=")[0] for flag in flags} for flags in (PAIRS[0][0], RUN_LFADS.split())]
    assert named[0] == named[1], "the first command names every flag"


@pytest.mark.parametrize(
    "pair", PAIRS, ids=[re.sub(r"\W+", "_", pair[1][1])[-30:] + str(i) for i, pair in enumerate(PAIRS)]
)
def test_both_forms_are_one(pair):
    flags, command = pair
    assert parts(TRANSLATE(flags)) == parts(command)


@pytest.mark.slow
def test_every_command_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name, file in SETS.items():
        options = options_for(synthetic.SYNTHETIC.get(name), FEW)
        synthetic.write(name, tmp_path / "data" / file, seed=1, **options)
    for flags, _ in PAIRS:
        if "--kind=train" in flags:
            names = {flag.split("=")[0] for flag in SMALL}
            flags = [flag for flag in flags if flag.split("=")[0] not in names] + SMALL
        else:
            flags = [re.sub("batch_size=.*", "batch_size=3", flag) for flag in flags]
        result = run(*TRANSLATE(flags))
        assert result.exit_code == 0, (flags, result.stderr)
    written = {path.name for path in (tmp_path / "runs" / "chaotic_rnn_inputs_g2p5").iterdir()}
    assert {"model_runs_prior_sample", "model_params", "fitlog.csv", "best.keras"} <= written
    psa = "model_runs_chaotic_rnn_inputs_g2p5_{}_posterior_sample_and_average"
    assert {psa.format("train"), psa.format("valid")} <= written
