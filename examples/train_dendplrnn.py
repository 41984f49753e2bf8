"""Trains and scores dendPLRNN by the arguments of the code published with it, in its spelling and its folders.

    python examples/train_dendplrnn.py --data_path lorenz.npy --dim_z 22 --n_bases 20 --name lorenz
    python examples/train_dendplrnn.py --data_path lorenz.npy --annealing lin -rr 0.5 -ra 1.0 --eval true
    python examples/train_dendplrnn.py --eval true --eval_dir results --data_path lorenz.npy

Data are a .npy file (trials, bins, channels) or (bins, channels); inputs (--inputs_path, or --input_path) likewise. A
run is written to results/<experiment>/<name>/<run>, three digits, the next free number unless --run says one. Every
other parameter of the family is taken too, as --seq_len 200 or --training teacher_forcing; `indl-vae params dendplrnn`
lists them. --preset default leaves the published settings. What is true or false is said so (--use_tb false). With
--eval true the models below --eval_dir, or else the run itself, are scored, and the table lies beside them.

The script does nothing that `indl-vae train` and `indl-vae dynamics` do not do.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from indl_vae.cli import main as indl_vae_command
from indl_vae.errors import ConfigError

#: Short forms of the published command line.
SHORT = {
    "n_bases": "-nb",
    "clip_range": "-clip",
    "n_epochs": "-n",
    "annealing": "-a",
    "annealing_step_size": "-ass",
    "gradient_clipping": "-gc",
    "reg_ratios": "-rr",
    "reg_alphas": "-ra",
}
#: Arguments with several values.
LISTS = ("annealing", "reg_ratios", "reg_alphas", "metrics")


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Returns what the script itself reads, and the parameters as settings key=value."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiment", default="test", help="folder below results")
    parser.add_argument("--name", default="lorenz", help="folder below the experiment")
    parser.add_argument("--run", type=int, help="number of the run; the next one by default")
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of all results")
    parser.add_argument("--data_path", type=Path, required=True, help=".npy, .npz, HDF5 or NWB file")
    parser.add_argument("--inputs_path", "--input_path", type=Path, help=".npy file of external inputs")
    parser.add_argument("--load_model_path", type=Path, help="run whose weights are the first ones")
    parser.add_argument("--preset", default="published", help="set of values to start from")
    parser.add_argument("--no_printing", type=truth, default=False, help="whether nothing is printed")
    parser.add_argument("--eval", type=truth, default=False, help="whether models are scored")
    parser.add_argument("--eval_dir", type=Path, help="folder whose models are scored, and nothing trained")
    parser.add_argument("--metric", help="metric of the scoring; all by default")
    for name in sorted({*SHORT, *LISTS}):
        flags = [f"--{name}", *([SHORT[name]] if name in SHORT else [])]
        parser.add_argument(*flags, nargs="+" if name in LISTS else None)
    args, others = parser.parse_known_args(arguments)
    given = {name: value for name in {*SHORT, *LISTS} if (value := getattr(args, name)) is not None}
    settings = [f"{name}={listed(value) if name in LISTS else nothing(value)}" for name, value in sorted(given.items())]
    return args, [*settings, *further(others)]


def nothing(word: str) -> str:
    """Returns null for the word None, which YAML would take for a text."""
    return "null" if word == "None" else word


def truth(text: str) -> bool:
    """Returns what a word says; the published command line took every word for true."""
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f"expected true or false, got {text!r}")
    return words[text.lower()]


def listed(words: Sequence[str]) -> str:
    """Returns words as a YAML list, numbers as numbers."""
    text = " ".join(words)
    if text.startswith("["):
        return text.replace("'", '"')
    return json.dumps([number(word) for word in text.replace(",", " ").split()])


def number(word: str) -> float | str:
    """Returns a word as a number where it is one."""
    try:
        return float(word)
    except ValueError:
        return word


def further(words: Sequence[str]) -> list[str]:
    """Returns further arguments `--name value` as settings.

    Raises:
        ConfigError: A word belongs to no argument.
    """
    settings, waiting = [], list(words)
    while waiting:
        name, equals, value = waiting.pop(0).partition("=")
        if not name.startswith("--"):
            raise ConfigError(f"{name}: expected --name value, for example --dim_z 20.")
        if not equals:
            if not waiting or waiting[0].startswith("--"):
                raise ConfigError(f"{name}: expected a value behind it, for example {name} true.")
            value = waiting.pop(0)
        settings.append(f"{name.removeprefix('--')}={nothing(value)}")
    return settings


def run_folder(args: argparse.Namespace) -> Path:
    """Returns the folder of the run: the number asked for, or the next one."""
    place = args.results / args.experiment / args.name
    taken = [int(one.name) for one in place.glob("[0-9][0-9][0-9]")]
    return place / f"{args.run or max(taken, default=0) + 1:03d}"


def training(args: argparse.Namespace, settings: list[str], folder: Path) -> list[str]:
    """Returns the command that trains."""
    inputs = [] if args.inputs_path is None else [f"inputs_path={args.inputs_path.resolve()}"]
    where = ["train", "--data", str(args.data_path), "--out", str(folder)]
    if args.load_model_path is not None:
        source = ["--start-from", str(args.load_model_path)]
    else:
        source = ["--family", "dendplrnn", "--preset", args.preset]
    return [*where, *source, *(part for one in [*settings, *inputs] for part in ("--set", one))]


def scoring(args: argparse.Namespace, folder: Path) -> list[str]:
    """Returns the command that scores."""
    chosen = ["--metrics", args.metric] if args.metric else []
    command = ["dynamics", str(folder), "--data", str(args.data_path), "--out", str(folder / "dynamics.csv")]
    return [*command, *chosen]


def call(command: list[str]) -> int:
    """Runs the command and returns its exit code."""
    try:
        indl_vae_command(command)
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains, and scores where that is asked for; returns the exit code."""
    args, settings = parse(sys.argv[1:] if arguments is None else arguments)
    folder = args.eval_dir
    if folder is None:
        folder = run_folder(args)
        with contextlib.redirect_stdout(open(os.devnull, "w")) if args.no_printing else contextlib.nullcontext():
            code = call(training(args, settings, folder))
        if code or not args.eval:
            return code
    return call(scoring(args, folder))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ConfigError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
