"""Trains LFADS by the flags of run_lfads.py, and samples posteriors from the result.

    python examples/train_lfads.py --kind=train --data=FILE --out=RUN --co_dim=1 --factors_dim=20 --keep_prob=0.95
    python examples/train_lfads.py --kind=train --config=configs/lfads_lorenz.yaml --data=FILE --out=RUN
    python examples/train_lfads.py --kind=posterior_sample_and_average --data=FILE --out=RUN --batch_size=1024

Every flag of run_lfads.py is taken in its spelling (--x=true|false for booleans), and so is every parameter under any
of its names. --data_dir with --data_filename_stem stand for --data, and --lfads_save_dir for --out. Also:
--config=C.yaml (the flags win over it), --preset=P (by default tf1, which has the defaults of run_lfads.py, unless
there is a --config), --family=F and --resume. A posterior is written to RUN/<output_filename_stem><kind>.h5; there
--batch_size is the number of samples, as in run_lfads.py. The script does nothing that `indl-vae` does not do.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from indl_vae.cli import main as indl_vae_command
from indl_vae.cli.settings import parse_settings
from indl_vae.errors import ConfigError
from indl_vae.params import load_yaml, params_of_layers

#: Flags that say what to do; all others are parameters.
OWN = (
    "kind data data_dir data_filename_stem out lfads_save_dir config preset family resume output_filename_stem".split()
)
POSTERIORS = ("posterior_sample_and_average", "posterior_push_mean")
ELSEWHERE = {
    "prior_sample": "`indl-vae prior RUN --samples N --out FILE` draws from the prior",
    "write_model_params": "`indl-vae export RUN --out FILE` writes the weights",
}


def read_flags(arguments: Sequence[str]) -> dict[str, str]:
    """Returns flags and values as text; a flag without a value is true."""
    flags, waiting = {}, list(arguments)
    while waiting:
        flag, equals, value = waiting.pop(0).partition("=")
        if not flag.startswith("--") or len(flag) < 3:
            raise ConfigError(f"{flag}: expected --flag=value, for example --kind=train.")
        if not equals:
            value = waiting.pop(0) if waiting and not waiting[0].startswith("--") else "true"
        flags[flag[2:]] = value
    return flags


def translate(arguments: Sequence[str]) -> list[str]:
    """Returns the arguments of `indl-vae` that do what the flags ask for.

    Raises:
        ConfigError: A flag is not known, something is missing, or the kind is not offered here.
    """
    flags = read_flags(arguments)
    kind = flags.get("kind", "train")
    if kind in ELSEWHERE:
        raise ConfigError(f"--kind={kind}: not offered by this script; {ELSEWHERE[kind]}.")
    if kind != "train" and kind not in POSTERIORS:
        raise ConfigError(f"--kind={kind}: expected one of train, {', '.join(POSTERIORS)}.")
    where = ["--data", data_of(flags)]
    settings = [f"{name}={value}" for name, value in flags.items() if name not in OWN]
    if kind == "train":
        return ["train", *where, "--out", run_of(flags), *sources(flags), *(f"--set={setting}" for setting in settings)]
    check(settings, flags.get("family", "lfads"))
    out = Path(run_of(flags)) / f"{flags.get('output_filename_stem', '')}{kind}.h5"
    samples = ["--samples", flags["batch_size"]] if "batch_size" in flags else []
    return ["posterior", run_of(flags), *where, "--out", str(out), *(["--push-mean"] if "push" in kind else samples)]


def sources(flags: dict[str, str]) -> list[str]:
    """Returns where parameters come from beside the flags."""
    config = flags.get("config")
    written = load_yaml(config) if config else {}
    named = {
        "--config": config,
        "--preset": flags.get("preset") or (None if config else "tf1"),
        "--family": flags.get("family") or written.get("family", "lfads"),
    }
    given = [part for option, value in named.items() if value for part in (option, value)]
    return [*given, *(["--resume"] if flags.get("resume", "false").lower() != "false" else [])]


def data_of(flags: dict[str, str]) -> str:
    """Returns the data file, or FOLDER/STEM."""
    if "data" in flags:
        return flags["data"]
    if "data_dir" not in flags or "data_filename_stem" not in flags:
        raise ConfigError("--data: expected a file, or --data_dir and --data_filename_stem together, got neither.")
    return str(Path(flags["data_dir"]) / flags["data_filename_stem"])


def run_of(flags: dict[str, str]) -> str:
    """Returns the run folder."""
    if "out" not in flags and "lfads_save_dir" not in flags:
        raise ConfigError("--out: expected the folder of the run, or --lfads_save_dir, got neither.")
    return flags.get("out") or flags["lfads_save_dir"]


def check(settings: list[str], family: str) -> None:
    """Refuses misspelt flags where the model is read from the run and they change nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        params_of_layers(family, parse_settings(settings))


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        sys.exit(0)
    try:
        command = translate(sys.argv[1:])
    except ConfigError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    indl_vae_command(command)
