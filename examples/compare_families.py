"""The same spikes through LFADS, DSAE (full, factorized) and FHVAE: one table and one page of pictures.

    python examples/compare_families.py --out FOLDER                # the synthetic set static-dynamic
    python examples/compare_families.py --out FOLDER --m1-wrist     # the recording of examples/real_spikes.py
    python examples/compare_families.py --out FOLDER --data FILE    # any file that load_dataset reads

Every fourth channel is hidden from the encoders and predicted. Runs that are in the folder already are opened, not
trained again. Writes compare.html, which needs no other file, and compare.json with the same figures.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from compare_page import write_page
from compare_scores import compare
from m1_wrist_data import make_dataset

import indl_vae
from indl_vae.data import Dataset, synthetic
from indl_vae.json_file import write_json
from indl_vae.params import Params, parse_value, read_yaml
from indl_vae.training import Run

CONFIGS = Path(__file__).parent.parent / "configs"
#: Files in `configs/` by model: those for the recording, and those for anything else.
FOR_M1_WRIST = {
    "lfads": "m1_wrist.yaml",
    "dsae_full": "m1_wrist_dsae_full.yaml",
    "dsae_factorized": "m1_wrist_dsae_factorized.yaml",
    "fhvae": "m1_wrist_fhvae.yaml",
}
FOR_OTHERS = {
    "lfads": "static_dynamic_lfads.yaml",
    "dsae_full": "dsae_full.yaml",
    "dsae_factorized": "dsae_factorized.yaml",
    "fhvae": "static_dynamic_fhvae.yaml",
}
#: Channels that every model has to predict unseen, where the data file does not say which.
HELD_OUT = "3::4"


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Trains or opens the models, and writes and returns their figures."""
    args = parse(arguments)
    dataset = load(args)
    files = FOR_M1_WRIST if args.m1_wrist else FOR_OTHERS
    runs = {}
    changes = changes_of(args)
    for name in args.families:
        tag = "_".join([name, *(f"{key}{value}" for key, value in changes.items())])
        runs[name] = open_or_train(settings(CONFIGS / files[name], changes, dataset), dataset, args.out / tag)
    result = compare(runs, {name: seconds_of(run) for name, run in runs.items()}, dataset)
    write_json(result, args.out / "compare.json")
    page = write_page(result, runs, dataset, args.out / "compare.html")
    print(json.dumps(result, indent=2), f"\nLook at it: {page.resolve().as_uri()}")
    return result


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Returns what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for data, runs, compare.html and compare.json")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--data", type=Path, help="data file; *_static_label and *_dynamic_label, or else *_condition, are decoded"
    )
    source.add_argument("--m1-wrist", action="store_true", help="the recording in the folder named by $INDL_VAE_DATA")
    names = list(FOR_OTHERS)
    parser.add_argument("--families", "--only", nargs="+", choices=names, default=names, help="models; all by default")
    parser.add_argument("--epochs", type=int, help="epochs of each model, in place of the configurations'")
    parser.add_argument("--seed", type=int, default=0, help="seed of the models")
    parser.add_argument("--set", action="append", default=[], dest="settings", help="a parameter of all, KEY=VALUE")
    return parser.parse_args(arguments)


def changes_of(args: argparse.Namespace) -> dict[str, Any]:
    """Returns the parameters that the command line changes; runs of others are kept in other folders."""
    given = {key: parse_value(value) for key, value in (setting.split("=", 1) for setting in args.settings)}
    return {"seed": args.seed, **({"n_epochs": args.epochs} if args.epochs else {}), **given}


def load(args: argparse.Namespace) -> Dataset:
    """Reads the data, which are made first unless a file is given."""
    if args.data:
        return indl_vae.load_dataset(args.data)
    if args.m1_wrist:
        return make_dataset(args.out / "m1_wrist.h5")
    args.out.mkdir(parents=True, exist_ok=True)
    return indl_vae.load_dataset(synthetic.write("static-dynamic", args.out / "static_dynamic.h5")[0])


def settings(config: Path, changes: dict[str, Any], dataset: Dataset) -> Params:
    """Returns the parameters of a configuration, with channels held out and the best epoch chosen by them."""
    given = read_yaml(config)
    held_out = {"heldout_channels": dataset.heldout_channels or HELD_OUT, "select_on": "heldout_channels"}
    return indl_vae.make_params(given["family"], {**given, **held_out, **changes})


def open_or_train(params: Params, dataset: Dataset, folder: Path) -> Run:
    """Opens a run that was finished, goes on with one that was interrupted, or trains."""
    clock = folder / "seconds.json"
    if clock.exists():
        run = indl_vae.load_run(folder, data=dataset.source)
        if run.data_info.get("sha256") != dataset.sha256:
            raise SystemExit(f"{folder}: this run was trained on other data. Choose another --out.")
        return run
    started = time.monotonic()
    run = indl_vae.train(params, dataset, folder, resume=(folder / "params.yaml").exists())
    write_json(round(time.monotonic() - started, 1), clock)
    return run


def seconds_of(run: Run) -> float:
    """Returns the wall time of a run's training."""
    return json.loads((run.folder / "seconds.json").read_text())


if __name__ == "__main__":
    main()
