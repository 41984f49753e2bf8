"""Trains AutoLFADS as a population on this machine, beside a random search of the same budget, and scores both.

    python examples/autolfads_pbt.py --out FOLDER
    python examples/autolfads_pbt.py --data lfads_lorenz.h5 --out FOLDER --config configs/pbt_lorenz.yaml

Without data it makes the set of `indl-vae synth lorenz`. The population, configs/pbt_lorenz_small.yaml, has four
members, the published ranges and a schedule for two cores; it takes about ten minutes there, and so does the random
search (left out by --no-random). Needs Ray: pip install "indl_vae[ray]". Started again on the same folder, it goes on.

The script does nothing that these commands do not do:

    indl-vae pbt --data F --config configs/pbt_lorenz_small.yaml --out P
    indl-vae pbt --data F --config configs/pbt_lorenz_small.yaml --out R --exploit none
    indl-vae evaluate P/best --data F --out P/metrics.json
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

CONFIG = Path(__file__).parents[1] / "configs/pbt_lorenz_small.yaml"
COMMAND = (sys.executable, "-c", "from indl_vae.cli import main; main()")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of everything")
    parser.add_argument("--data", type=Path, help="800 trials of 100 bins, 60 neurons; made without")
    parser.add_argument("--config", type=Path, default=CONFIG, help="parameters and population")
    parser.add_argument("--address", help="of a Ray cluster; auto for the one of this machine")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--generations", type=int, help="instead of those of the configuration")
    parser.add_argument("--no-random", action="store_true", help="leave the random search out")
    args = parser.parse_args(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    data = args.data or make_data(args.out / "lorenz.h5")
    found = {"population": train(args, data, args.out / "population")}
    if not args.no_random:
        found["random search"] = train(args, data, args.out / "random", "--exploit", "none")
    tell(found)
    print(f"histories of the hyperparameters: {args.out / 'population' / 'population.png'}")


def make_data(path: Path) -> Path:
    if not path.exists():
        indl_vae("synth", "lorenz", "--out", path)
    return path


def train(args: argparse.Namespace, data: Path, out: Path, *words: str) -> dict:
    """Trains a population, scores its best member and returns the scores."""
    more = [*words, *(["--address", args.address] if args.address else [])]
    more += ["--generations", str(args.generations)] if args.generations else []
    indl_vae("pbt", "--data", data, "--out", out, "--config", args.config, "--seed", args.seed, *more)
    scores = out / "metrics.json"
    indl_vae("evaluate", out / "best", "--data", data, "--out", scores)
    selection = json.loads((out / "population.json").read_text())["best"]["score"]
    return {"selection": selection, **json.loads(scores.read_text())["valid"]}


def tell(found: dict[str, dict]) -> None:
    print(f"{'best member of':<16} {'selection':>10} {'NLL':>9} {'R2 rates':>9} {'R2 log':>7}   (validation trials)")
    for name, scores in found.items():
        known = [scores["selection"], scores["nll"], scores["r2_rates"], scores["r2_log_rates"]]
        texts = [
            "-" if value is None else f"{value:.{digits}f}" for value, digits in zip(known, (5, 5, 3, 3), strict=True)
        ]
        print(f"{name:<16} {texts[0]:>10} {texts[1]:>9} {texts[2]:>9} {texts[3]:>7}")


def indl_vae(*words: object) -> None:
    subprocess.run([*COMMAND, *map(str, words)], check=True)


if __name__ == "__main__":
    main()
