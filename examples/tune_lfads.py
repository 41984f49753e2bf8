"""Finds settings of LFADS from a bad start: a chief and two workers on this machine, one of which is killed.

    python examples/tune_lfads.py --out FOLDER
    python examples/tune_lfads.py --data lfads_lorenz.h5 --out FOLDER

Without data it makes the set of `indl-vae synth lorenz`. The start, configs/lfads_tune_start.yaml, has a learning rate,
weights and dropout with which nothing is learnt; the search has to leave it. Its best trial is trained on, and scored
against the true rates. Takes 10 to 20 minutes on two cores. Started again on the same folder, it goes on.

The script does nothing that these commands do not do, each in a terminal of its own:

    indl-vae tune --role chief --address 127.0.0.1:8765 --data F --out S --config configs/lfads_tune_start.yaml
        --space learning_rate --space kl_f_weight --space kl_z_weight --space dropout_rate --trials 10 --epochs 20
    indl-vae tune --role worker --address 127.0.0.1:8765 --data F --out S --workers 2      (twice)
    indl-vae train --data F --out RUN --resume --set n_epochs=60      (RUN: a copy of the best trial's run)
    indl-vae evaluate RUN --data F --out RUN/metrics.json
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

CONFIG = Path(__file__).parents[1] / "configs/lfads_tune_start.yaml"
#: What is searched: the ranges that the parameters declare, for a likelihood that is averaged.
SPACE = ("learning_rate", "kl_f_weight", "kl_z_weight", "dropout_rate")
COMMAND = (sys.executable, "-c", "from indl_vae.cli import main; main()")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of everything")
    parser.add_argument("--data", type=Path, help="800 trials of 100 bins, 60 neurons; made without")
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=20, help="of a trial")
    parser.add_argument("--final-epochs", type=int, default=60, help="that the best trial comes to")
    parser.add_argument(
        "--kill-after", type=int, default=6, help="trials after which one worker is killed; 0 for never"
    )
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    data = args.data or make_data(args.out / "lorenz.h5")
    search(args, data, args.out / "search")
    run = train_on(args.out / "search", data, args.out / "best", args.final_epochs)
    tell(args.out / "search", run, json.loads((run / "metrics.json").read_text()))


def make_data(path: Path) -> Path:
    if not path.exists():
        indl_vae("synth", "lorenz", "--out", path)
    return path


def search(args: argparse.Namespace, data: Path, out: Path) -> None:
    """Runs a chief and two workers, and kills one of these after some trials."""
    address = f"127.0.0.1:{free_port()}"
    words = ["tune", "--data", data, "--out", out, "--address", address]
    asked = ["--config", CONFIG, "--trials", args.trials, "--epochs", args.epochs, "--seed", args.seed]
    spaces = [word for name in SPACE for word in ("--space", name)]
    chief = start(*words, "--role", "chief", *asked, *spaces)
    workers = [start(*words, "--role", "worker", "--workers", 2) for _ in range(2)]
    try:
        while chief.poll() is None:
            time.sleep(1.0)
            if args.kill_after and n_ended(out) >= args.kill_after and workers[1].poll() is None:
                workers[1].kill()
                print("one of the two workers was killed", flush=True)
    finally:
        for process in (chief, *workers):
            process.terminate()
            process.wait()
    if chief.returncode:
        sys.exit(chief.returncode)


def n_ended(out: Path) -> int:
    rows = read_rows(out)
    return sum(row["status"] in ("finished", "failed") for row in rows)


def read_rows(out: Path) -> list[dict[str, str]]:
    if not (out / "tuning.csv").exists():
        return []
    with (out / "tuning.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def best_row(out: Path) -> dict[str, str]:
    return min((row for row in read_rows(out) if row["status"] == "finished"), key=lambda row: float(row["score"]))


def train_on(out: Path, data: Path, run: Path, epochs: int) -> Path:
    """Goes on with a copy of the best trial's run, and scores it."""
    if not (run / "metrics.json").exists():
        if not run.exists():
            shutil.copytree(best_row(out)["folder"], run)
        indl_vae("train", "--data", data, "--out", run, "--resume", "--set", f"n_epochs={epochs}")
        indl_vae("evaluate", run, "--data", data, "--out", run / "metrics.json")
    return run


def tell(out: Path, run: Path, scores: dict) -> None:
    best, valid = best_row(out), scores["valid"]
    n_failed = sum(row["status"] == "failed" for row in read_rows(out))
    print(
        f"best of {len(read_rows(out))} trials ({n_failed} failed): {best['trial']}, score {float(best['score']):.5f}"
    )
    for name in SPACE:
        print(f"  {name} = {float(best[name]):.3g}")
    print(f"trained on ({run}), validation trials:")
    print(f"  NLL {valid['nll']:.5f} ({valid['nll_stirling']:.5f} by Stirling's formula)")
    print(f"  R2 of log rates {valid['r2_log_rates']:.3f}, of rates {valid['r2_rates']:.3f}")


def indl_vae(*words: object) -> None:
    subprocess.run([*COMMAND, *map(str, words)], check=True)


def start(*words: object) -> subprocess.Popen:
    return subprocess.Popen([*COMMAND, *map(str, words)], env=os.environ | {"PYTHONUNBUFFERED": "1"})


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


if __name__ == "__main__":
    main()
