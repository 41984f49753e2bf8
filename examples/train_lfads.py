"""Trains and uses LFADS by the flags of run_lfads.py: the same kinds, and the same files beside our own.

    python examples/train_lfads.py --kind=train --data_dir=DATA --data_filename_stem=STEM --lfads_save_dir=RUN
    python examples/train_lfads.py --kind=train --config=configs/lfads_lorenz.yaml --data=FILE --out=RUN
    python examples/train_lfads.py --kind=posterior_sample_and_average --data=FILE --out=RUN --batch_size=1024

Every flag of run_lfads.py is taken in its spelling (--x=true|false for booleans), and so is every parameter under any
of its names. --data_dir with --data_filename_stem stand for --data, and --lfads_save_dir for --out. Also:
--config=C.yaml (the flags win over it), --preset=P (by default tf1, which has the defaults of run_lfads.py, unless
there is a --config), --family=F and --resume. Kinds: train, posterior_sample_and_average, posterior_push_mean,
prior_sample, write_model_params. What they write lies in RUN: our file <output_filename_stem><kind>.h5, and those of
run_lfads.py under its names. --batch_size is the number of samples where samples are drawn, as there. The script does
nothing that `indl-vae` does not do; docs/migrating.md shows each command in both forms.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from indl_vae.cli import main as indl_vae_command
from indl_vae.cli.settings import parse_settings
from indl_vae.errors import ConfigError
from indl_vae.params import Params, load_yaml, params_of_layers
from indl_vae.run_folder import RunFolder

#: Flags that say what to do; all others are parameters.
OWN = (
    "kind data data_dir data_filename_stem out lfads_save_dir config preset family resume output_filename_stem device "
    "allow_gpu_growth checkpoint_pb_load_name do_reset_learning_rate ps_nexamples_to_process"
).split()
POSTERIORS = ("posterior_sample_and_average", "posterior_push_mean")
KINDS = ("train", *POSTERIORS, "prior_sample", "write_model_params")
#: Names of the indices of checkpoints, the default first, and what they stand for.
CHECKPOINTS = {"checkpoint": "latest", "checkpoint_lve": "best"}
#: Samples drawn where --batch_size does not say how many: its default there.
SAMPLES = "128"
#: What a kind that only reads a model may be given without having a part in the model.
NOT_OF_THE_MODEL = ("batch_size", "learning_rate", "n_epochs", "ramp_unit", "preset")


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
        ConfigError: A flag or kind is not known, or something is missing.
    """
    flags = read_flags(arguments)
    kind = flags.get("kind", "train")
    if kind not in KINDS:
        raise ConfigError(f"--kind={kind}: expected one of {', '.join(KINDS)}.")
    # an empty value is a text of no letters, where YAML would read nothing at all
    settings = [f"{name}={value or json.dumps(value)}" for name, value in flags.items() if name not in OWN]
    make = training if kind == "train" else using
    return [*device_of(flags), *make(kind, flags, settings)]


def training(kind: str, flags: dict[str, str], settings: list[str]) -> list[str]:
    """Returns the command that trains."""
    if checkpoint_of(flags) != "latest":
        raise ConfigError("--checkpoint_pb_load_name: expected checkpoint with --kind=train, which goes on from it.")
    resume = ["--resume"] if is_true(flags, "resume") else []
    reset = ["--reset-learning-rate"] if resume and is_true(flags, "do_reset_learning_rate") else []
    given = [*sources(flags), *resume, *reset, *(f"--set={setting}" for setting in settings)]
    return ["train", "--data", data_of(flags), "--out", run_of(flags), *given]


def using(kind: str, flags: dict[str, str], settings: list[str]) -> list[str]:
    """Returns the command that uses a trained model."""
    check(settings, flags.get("family", "lfads"), RunFolder(run_of(flags)))
    stem, samples = flags.get("output_filename_stem", ""), flags.get("batch_size", SAMPLES)
    written = ["--out", str(Path(run_of(flags)) / f"{stem}{kind}.h5"), "--checkpoint", checkpoint_of(flags)]
    written += ["--tf1-outputs", run_of(flags), *(["--tf1-stem", stem] if stem else [])]
    if kind == "write_model_params":
        return ["export", run_of(flags), "--data", data_of(flags), *written]
    if kind == "prior_sample":
        return ["prior", run_of(flags), "--samples", samples, *written]
    how = ["--push-mean"] if "push" in kind else ["--samples", samples]
    if "ps_nexamples_to_process" in flags and "push" not in kind:
        how += ["--max-trials", flags["ps_nexamples_to_process"]]
    return ["posterior", run_of(flags), "--data", data_of(flags), *written, *how]


def is_true(flags: dict[str, str], name: str) -> bool:
    """Returns whether a flag is set."""
    value = flags.get(name, "false").lower()
    if value not in ("true", "false"):
        raise ConfigError(f"--{name}={flags[name]}: expected true or false.")
    return value == "true"


def device_of(flags: dict[str, str]) -> list[str]:
    """Returns the options that stand before the command."""
    device = ["--device", flags["device"]] if "device" in flags else []
    return [*device, *(["--allow-gpu-growth"] if is_true(flags, "allow_gpu_growth") else [])]


def checkpoint_of(flags: dict[str, str]) -> str:
    """Returns which model of the run is meant."""
    name = flags.get("checkpoint_pb_load_name", "checkpoint")
    if name not in CHECKPOINTS:
        raise ConfigError(f"--checkpoint_pb_load_name={name}: expected one of {', '.join(CHECKPOINTS)}.")
    return CHECKPOINTS[name]


def sources(flags: dict[str, str]) -> list[str]:
    """Returns where parameters come from beside the flags."""
    config = flags.get("config")
    written = load_yaml(config) if config else {}
    named = {
        "--config": config,
        "--preset": flags.get("preset") or (None if config else "tf1"),
        "--family": flags.get("family") or written.get("family", "lfads"),
    }
    return [part for option, value in named.items() if value for part in (option, value)]


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


def check(settings: list[str], family: str, files: RunFolder) -> None:
    """Refuses misspelt flags where the model is read from the run, and says which ones differ from the run's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = parse_settings(settings)
        params_of_layers(family, given)
        if not files.params.exists():
            return  # said by the command itself
        trained = Params.from_yaml(files.params)
        asked = params_of_layers(trained.family, {**trained}, given)
    differ = [k for k, value in {**asked}.items() if value != trained[k] and k not in NOT_OF_THE_MODEL]
    if differ:
        listed = ", ".join(f"{name} = {asked[name]!r} (the run has {trained[name]!r})" for name in differ)
        print(f"Warning: the model is that of {files.path}; without effect: {listed}.", file=sys.stderr)


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
