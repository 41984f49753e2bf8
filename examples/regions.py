"""A page about a model of several regions: states, messages, trajectories on the field, generation.

    python examples/regions.py --out FOLDER                     # trains on the double-well simulation first
    python examples/regions.py --out FOLDER --run RUN           # a run that was trained already, with its own data
    python examples/regions.py --out FOLDER --run RUN --data FILE

Writes regions.html, which needs no other file.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import indl_vae
from indl_vae.analysis.region_page import write_region_page
from indl_vae.data import load_dataset, synthetic
from indl_vae.training import Run

#: The cue of the switch is an input that the discrete states see.
SETTINGS = {
    "n_states": 2,
    "inputs_to_states": True,
    "heldout_channels": "4::5",
    "learning_rate": 3e-3,
    "lr_rule": "cosine",
    "lr_stop": 3e-5,
}
EPOCHS = 60


def main(arguments: Sequence[str] | None = None) -> Path:
    """Writes the page and returns its path."""
    args = parse(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    names = {}
    if args.run is None:
        run, names = train_double_well(args.out, args.epochs), {"inputs": ("clicks", "cue")}
    else:
        run = indl_vae.load_run(args.run)
    dataset = run.load_dataset() if args.data is None else load_dataset(args.data, likelihood=run.params.likelihood)
    names |= {"regions": args.regions} if args.regions else {}
    page = write_region_page(run.model, dataset, args.out / "regions.html", split=args.split, **names)
    print(f"Look at it: {page.resolve().as_uri()}")
    return page


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Returns what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the page, and for data and run if none is given"
    )
    parser.add_argument("--run", type=Path, help="folder of a run of the family mrsds")
    parser.add_argument("--data", type=Path, help="its data file; by default the one it was trained on")
    parser.add_argument("--split", default="test", choices=("train", "valid", "test"), help="trials that are shown")
    parser.add_argument("--regions", nargs="+", help="names of the regions")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="epochs on the double well")
    return parser.parse_args(arguments)


def train_double_well(folder: Path, epochs: int) -> Run:
    """Returns a run on the simulation; one that was begun before goes on where it stopped."""
    data, place = folder / "double_well.h5", folder / "run"
    if not data.exists():
        synthetic.write("double-well", data, seed=0)
    begun = (place / "params.yaml").exists()
    if begun and len((run := indl_vae.load_run(place)).history) == run.params.n_epochs:
        return run
    settings = SETTINGS | {"n_epochs": epochs, "lr_decay_steps": 11 * epochs}
    params = indl_vae.make_params("mrsds", settings)
    return indl_vae.train(params, load_dataset(data, likelihood="gaussian"), place, resume=begun)


if __name__ == "__main__":
    main()
