"""How well LFADS recovers the truth of the synthetic sets: makes the data, trains, scores, prints a table.

    python benchmarks/recovery.py --folder FOLDER --sets no_inputs,inputs_g2p5 --seeds 0,1,2

What is there already is not made again, and an interrupted training goes on where it was: the same command, once
more, finishes the work. Everything goes through `indl-vae`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

CONFIGS = Path(__file__).parent.parent / "configs"
COMMAND = [sys.executable, "-c", "from indl_vae.cli import main; main()"]


class Job(NamedTuple):
    """A set and how it is modelled.

    Attributes:
        synthetic: Name of the set.
        options: Of its generator.
        config: File in `configs/`.
        settings: That win over it.
        left_out: End of the keys of the file that the model does not get.
    """

    synthetic: str
    options: tuple[str, ...]
    config: str
    settings: tuple[str, ...] = ()
    left_out: str = ""


#: Of the evaluation, told of the model and of the baselines.
FIGURES = ("r2_rates", "co_bps", "fp_bps")
#: Least strengths of a pulse, in robust standard deviations of the inferred inputs.
THRESHOLDS = (3.0, 4.0, 5.0)
_SMALL = ("n_conditions=100",)
JOBS = {
    "no_inputs": Job("chaotic-rnn-no-inputs", _SMALL, "chaotic_rnn.yaml"),
    "inputs_g2p5": Job("chaotic-rnn-inputs-g2p5", _SMALL, "chaotic_rnn.yaml", ("z_latent_size=1",)),
    "inputs_g1p5": Job("chaotic-rnn-inputs-g1p5", _SMALL, "chaotic_rnn.yaml", ("z_latent_size=1",)),
    "gaussian": Job("gaussian-chaotic-rnn-no-inputs", _SMALL, "chaotic_rnn.yaml", ("likelihood=gaussian",)),
    "itb": Job("itb-rnn", ("n_conditions=200",), "chaotic_rnn.yaml", ("z_latent_size=1", "z1_lag=0")),
    "labeled": Job("chaotic-rnns-labeled", _SMALL, "chaotic_rnn.yaml", ("z1_lag=0",)),
    "unlabeled": Job("chaotic-rnns-labeled", _SMALL, "chaotic_rnn.yaml", ("z1_lag=0",), left_out="ext_input"),
    "held_out": Job("chaotic-rnn-no-inputs", _SMALL, "chaotic_rnn.yaml", ("heldout_channels=3::4", "heldout_bins=20")),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the jobs and prints a row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where data, runs and scores go")
    parser.add_argument("--sets", default=",".join(JOBS), help="names of sets, with commas")
    parser.add_argument("--seeds", default="0", help="seeds of the models, with commas")
    args = parser.parse_args(arguments)
    for name in args.sets.split(","):
        for seed in map(int, args.seeds.split(",")):
            print(json.dumps(run_job(name, JOBS[name], seed, args.folder)), flush=True)


def run_job(name: str, job: Job, seed: int, folder: Path) -> dict[str, Any]:
    """Makes what is not there yet of a job, and returns its scores."""
    data, run = folder / f"{name}.h5", folder / f"{name}_{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    if not data.exists():
        indl("synth", job.synthetic, "--out", data, *each_option("--set", job.options))
        _leave_out(data, job.left_out)
    if not (run / "done").exists():
        started = time.monotonic()
        _train(job, seed, data, run)
        (run / "done").write_text(f"{time.monotonic() - started:.0f}")
    scores, rates = run / "evaluation.json", run / "posterior.h5"
    if not scores.exists():
        indl("evaluate", run, "--data", data, "--out", scores)
    if not rates.exists():
        indl("posterior", run, "--data", data, "--out", rates)
    return {
        "set": name,
        "seed": seed,
        "train_s": int((run / "done").read_text()),
        **_summary(json.loads(scores.read_text())),
        **_inputs(data, rates),
    }


def _leave_out(data: Path, end: str) -> None:
    import h5py

    with h5py.File(data, "r+") as file:
        for key in [key for key in file if end and key.endswith(end)]:
            del file[key]


def _train(job: Job, seed: int, data: Path, run: Path) -> None:
    if (run / "checkpoints").is_dir():
        indl("train", "--data", data, "--out", run, "--resume")
    else:
        settings = (f"seed={seed}", *job.settings)
        indl("train", "--config", CONFIGS / job.config, "--data", data, "--out", run, *each_option("--set", settings))


def _summary(evaluation: dict[str, Any]) -> dict[str, Any]:
    rows = {"model": evaluation["valid"], **evaluation["baselines"]}
    figures = {f"{key}_{row}": scores[key] for key in FIGURES for row, scores in rows.items()}
    figures["bits_per_spike"] = rows["model"]["bits_per_spike"]
    return {key: _rounded(value) for key, value in figures.items() if value is not None}


def _inputs(data: Path, rates: Path) -> dict[str, Any]:
    """Returns how inferred inputs agree with true ones, where there are both."""
    import h5py
    import numpy as np

    from indl_vae.analysis.input_recovery import detect_pulses, input_correlation, pulse_scores

    with h5py.File(data) as truth, h5py.File(rates) as found:
        if "valid_controller_outputs" not in found or not found["valid_controller_outputs"].shape[-1]:
            return {}
        true, inferred = truth["valid_input_truth"][:], found["valid_controller_outputs"][:]
    if not true.any():
        return {}
    result: dict[str, Any] = {"input_correlation": _rounded(input_correlation(inferred, true))}
    if np.count_nonzero(true) == len(true):  # a pulse a trial
        for threshold in THRESHOLDS:
            hit_rate, false_alarms, _ = pulse_scores(detect_pulses(inferred, threshold), true)
            result[f"hits and false alarms at {threshold}"] = [_rounded(hit_rate), _rounded(false_alarms)]
    return result


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def each_option(option: str, values: Sequence[str]) -> list[str]:
    """Returns an option once for each value."""
    return [part for value in values for part in (option, value)]


def indl(*arguments: object) -> None:
    """Runs `indl-vae`; what it prints goes to standard error."""
    subprocess.run([*COMMAND, *map(str, arguments)], check=True, stdout=sys.stderr)


if __name__ == "__main__":
    main()
