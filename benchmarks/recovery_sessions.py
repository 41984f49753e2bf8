"""Sessions in one model against models of their own, agreement of their factors, and a session added to a model.

    python benchmarks/recovery_sessions.py --folder FOLDER [--seed 0]

Data: five sessions of 20 neurons each of one chaotic network. A model of the first four, a model of each of the five
alone, and the fifth added to the model of four. What is there already is not made again; an interrupted training goes
on where it was.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recovery import CONFIGS, each_option, indl

STEM = "chaotic_rnn_multisession"
SYNTH = ("n_conditions=50", "n_replications=10")
SETTINGS = ("n_factors=10", "z_latent_size=0", "n_epochs=120")


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains what is missing and prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where data, runs and scores go")
    parser.add_argument("--seed", type=int, default=0, help="seed of the models")
    args = parser.parse_args(arguments)
    files = _data(args.folder)
    four = args.folder / "four"
    joint = _train(args.folder / f"joint_{args.seed}", four / STEM, args.seed)
    alone = {file.stem[-2:]: _train(args.folder / f"{file.stem[-2:]}_{args.seed}", file, args.seed) for file in files}
    added = _add(args.folder / f"added_{args.seed}", joint, files[-1])
    print(json.dumps(_figures(joint, four / STEM, alone, files, added), indent=1))


def _data(folder: Path) -> list[Path]:
    """Returns the files of the five sessions; the first four also lie in a folder of their own."""
    if not (folder / "all").exists():
        indl("synth", "chaotic-rnn-multisession", "--out", folder / "all", *each_option("--set", SYNTH))
    files = sorted((folder / "all").iterdir())
    (folder / "four").mkdir(exist_ok=True)
    for file in files[:-1]:
        if not (folder / "four" / file.name).exists():
            shutil.copy(file, folder / "four" / file.name)
    return files


def _train(run: Path, data: Path, seed: int, *more: object) -> Path:
    if not (run / "done").exists():
        started = time.monotonic()
        if (run / "checkpoints").is_dir():
            indl("train", "--data", data, "--out", run, "--resume")
        else:
            first = more or (
                "--config",
                CONFIGS / "chaotic_rnn.yaml",
                *each_option("--set", (f"seed={seed}", *SETTINGS)),
            )
            indl("train", *first, "--data", data, "--out", run)
        (run / "done").write_text(f"{time.monotonic() - started:.0f}")
    return run


def _add(run: Path, joint: Path, data: Path) -> Path:
    settings = each_option("--set", ("train_io_only=true", "n_epochs=40", "kl_ramp_length=0", "l2_ramp_length=0"))
    return _train(run, data, 0, "--start-from", joint, *settings)


def _evaluation(run: Path, data: Path) -> dict[str, Any]:
    if not (run / "evaluation.json").exists():
        indl("evaluate", run, "--data", data, "--out", run / "evaluation.json")
    return json.loads((run / "evaluation.json").read_text())


def _figures(joint: Path, four: Path, alone: dict[str, Path], files: list[Path], added: Path) -> dict[str, Any]:
    together = _evaluation(joint, four)
    separate = {name: _evaluation(run, file) for (name, run), file in zip(alone.items(), files, strict=True)}
    return {
        "r2_rates joint": {name: one["valid"]["r2_rates"] for name, one in together["sessions"].items()},
        "r2_rates alone": {name: one["valid"]["r2_rates"] for name, one in separate.items()},
        "r2_rates smoothing_glm": {n: one["baselines"]["smoothing_glm"]["r2_rates"] for n, one in separate.items()},
        "r2_rates added": _evaluation(added, files[-1])["valid"]["r2_rates"],
        "train_s": {run.name: int((run / "done").read_text()) for run in (joint, *alone.values(), added)},
        "factors agree": _agreement(joint, four),
    }


def _agreement(run: Path, data: Path) -> dict[str, float]:
    """Returns, for each pair of sessions, the R2 of one's condition averages from the other's, mapped linearly."""
    from indl_vae import load_run
    from indl_vae.analysis.session_views import session_views
    from indl_vae.data.alignment import condition_averages

    opened = load_run(run)
    averages = {}
    for name, (view, part) in session_views(opened.model, opened.load_dataset(data)).items():
        factors = view.posterior(part.valid, samples=50)["factors"]
        averages[name] = condition_averages(factors, part.valid.condition).reshape(-1, factors.shape[-1])
    pairs = [(a, b) for a in averages for b in averages if a < b]
    return {f"{a} from {b}": _linear_r2(averages[b], averages[a]) for a, b in pairs}


def _linear_r2(given: np.ndarray, wanted: np.ndarray) -> float:
    rows = np.column_stack([given, np.ones(len(given))])
    error = wanted - rows @ np.linalg.lstsq(rows, wanted, rcond=None)[0]
    return round(1.0 - float((error**2).sum() / ((wanted - wanted.mean(0)) ** 2).sum()), 4)


if __name__ == "__main__":
    main()
