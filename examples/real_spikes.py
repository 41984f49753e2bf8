"""Real motor-cortex spikes: held-out neurons predicted and wrist force decoded, LFADS against smoothing.

With --heldout-bins the last bins are predicted unseen too. Needs `m1_wrist/m1_wrist_day0.npz` of the data folder that
$INDL_VAE_DATA names. Trials i with i % 5 in {0, 1, 2} train, 3 choose (settings, epoch, decoder's smoothing), 4 are
scored once at the end; channels j with j % 4 == 3 are held out.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from m1_wrist_data import make_dataset

import indl_vae
from indl_vae.analysis.decoding import decode_ridge
from indl_vae.analysis.evaluate import evaluate
from indl_vae.analysis.smoothing import smoothed_rates
from indl_vae.params import read_yaml

CONFIG = Path(__file__).parent.parent / "configs" / "m1_wrist.yaml"
#: Settings tried; the one with the best co-smoothing on the validation trials is scored on the test trials.
CANDIDATES = {
    "as configured": {},
    "less dropout": {"dropout_rate": 0.1},
    "weaker KL": {"kl_f_weight": 0.3, "kl_z_weight": 0.3},
    "more inferred inputs": {"z_latent_size": 6, "dropout_rate": 0.2},
    "larger": {"n_factors": 32, "gen_units": 100, "con_units": 64, "z1_units": 64},
    "less coordinated dropout": {"coordinated_dropout_rate": 0.15, "dropout_rate": 0.2},
}
PREDICTIONS = ("co_bps", "fp_bps")
SIGMAS_BINS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)


def main() -> None:
    """Trains the candidates, chooses one, and prints and writes what it reaches on the test trials."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for data, runs and real_spikes.json")
    parser.add_argument("--only", nargs="*", help="names of candidates; all by default")
    parser.add_argument("--heldout-bins", type=int, default=0, help="last bins to predict unseen (forward prediction)")
    args = parser.parse_args()
    dataset = make_dataset(args.out / "m1_wrist.h5")
    runs = {}
    for i, name in enumerate(args.only or CANDIDATES):
        changes = CANDIDATES[name] | {"heldout_bins": args.heldout_bins}
        runs[name] = train_candidate(changes, dataset, args.out / f"run_{i}")
        co_bps = evaluate(runs[name].model, dataset)["valid"]["co_bps"]
        print(f"{name:26s} valid co-smoothing {co_bps:.4f} bits/spike", flush=True)
        runs[name] = (co_bps, runs[name])
    best = max(runs, key=lambda name: runs[name][0])
    result = score(best, runs[best][1], dataset)
    result["candidates_valid_co_bps"] = {name: value for name, (value, _) in runs.items()}
    (args.out / "real_spikes.json").write_text(json.dumps(result, indent=2))
    print(json.dumps(result, indent=2))


def train_candidate(changes: dict, dataset, folder: Path):
    """Trains one candidate, or opens it if it was trained before."""
    if (folder / "best.keras").exists():
        return indl_vae.load_run(folder)
    return indl_vae.train(indl_vae.make_params("lfads", {**read_yaml(CONFIG), **changes}), dataset, folder)


def score(name: str, run, dataset) -> dict:
    """Scores the chosen run on the test trials, beside the baselines on the same trials."""
    from indl_vae.analysis.baselines import BASELINES
    from indl_vae.analysis.held_out import HeldOut
    from indl_vae.analysis.scores import score_rates

    held_out = HeldOut.from_params(run.params, dataset)
    baselines = {}
    for label in BASELINES.names():
        fitted = BASELINES.get(label)().fit(dataset.train, held_out)
        baselines[label] = score_rates(fitted.predict(held_out.hide(dataset.test)), dataset.test, held_out)
    scores = evaluate(run.model, dataset)["test"]
    return {
        "chosen": name,
        **{f"test_{key}": scores[key] for key in PREDICTIONS},
        **{f"test_{key}_baselines": {label: row[key] for label, row in baselines.items()} for key in PREDICTIONS},
        "test_force_r2": decode_rates(run, dataset, held_out),
        "test_force_r2_smoothed_spikes": decode_smoothed(dataset, held_out),
    }


def decode_rates(run, dataset, held_out) -> float:
    """Force from the inferred rates of the seen channels: ridge fitted on training trials, scored on test trials."""
    seen = held_out.seen_channels(dataset.spec.n_channels)
    rates = {s.name: run.posterior(held_out.hide(s))["rates"][..., seen] for s in (dataset.train, dataset.test)}
    return decode_ridge(rates["train"], dataset.train.behavior, rates["test"], dataset.test.behavior).r2


def decode_smoothed(dataset, held_out) -> float:
    """The same from smoothed spikes, the width chosen on the validation trials."""
    seen = held_out.seen_channels(dataset.spec.n_channels)
    smooth = lambda split, sigma: smoothed_rates(split.x[..., seen], sigma)  # noqa: E731

    def decode(split, sigma: float) -> float:
        train = dataset.train
        return decode_ridge(smooth(train, sigma), train.behavior, smooth(split, sigma), split.behavior).r2

    best = max(SIGMAS_BINS, key=lambda sigma: decode(dataset.valid, sigma))
    return decode(dataset.test, best)


if __name__ == "__main__":
    main()
