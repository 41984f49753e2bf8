"""Worms whose neurons differ from animal to animal: a model tells those that were not recorded.

    python examples/ceneurovae_worms.py --out FOLDER                          # 40 animals
    python examples/ceneurovae_worms.py --out FOLDER --animals 8 --epochs 3   # a first look

Makes worms, trains the family ceneurovae, prints R2 of neurons of unseen animals that the model is not shown beside
regressions, and writes ceneurovae_worms.html, which needs no other file. What was trained already goes on.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import indl_vae
from indl_vae.analysis.neuron_page import MEANINGS, NeuronScores, evaluate_neurons, write_neuron_page
from indl_vae.data import Dataset
from indl_vae.data.synthetic.worm_truth import with_latents
from indl_vae.data.synthetic.worms import Worms, make_worms
from indl_vae.data.worms import worm_dataset
from indl_vae.training import Run
from indl_vae.training.latent_kl_log import LatentKLLog, read_latent_kl

#: Smaller than the published model: there are fewer frames, and no GPU is needed.
SETTINGS = {
    "z_latent_size": 24,
    "identity_size": 32,
    "neuron_units": 64,
    "model_size": 64,
    "n_layers": 2,
    "decoder_hidden": 64,
    "neuron_dropout_rate": 0.3,
    "kl_ramp_length": 10,
    "tensorboard": False,
}


def main(arguments: Sequence[str] | None = None) -> Path:
    """Trains, prints the scores, writes the page and returns its path."""
    args = parse(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    made = make_worms(args.seed, args.animals, args.bins, args.classes)
    data = worm_dataset(made.worms, args.window, args.window // 2, test_frac=0.2, seed=args.seed, bin_width_s=0.6)
    data = with_latents(data, made)
    run = train(args.out / "run", data, made, args)
    scores = evaluate_neurons(run.model, data)
    report(scores)
    kl = args.out / "latent_kl.csv"
    page = write_neuron_page(
        run.model,
        data,
        args.out / "ceneurovae_worms.html",
        scores=scores,
        names=made.worms.labels,
        behaviors=made.worms.behavior_names,
        kl=read_latent_kl(kl) if kl.exists() else None,
    )
    print(f"Look at it: {page.resolve().as_uri()}")
    return page


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Returns what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the run and the page")
    parser.add_argument("--animals", type=int, default=40, help="animals that are made, at least 4")
    parser.add_argument("--bins", type=int, default=1600, help="frames of each")
    parser.add_argument("--classes", type=int, default=154, help="classes of neurons")
    parser.add_argument("--window", type=int, default=200, help="frames of a window")
    parser.add_argument("--epochs", type=int, default=40, help="epochs of training")
    parser.add_argument("--seed", type=int, default=0, help="seed of worms and of training")
    parser.add_argument("--set", action="append", default=[], dest="settings", help="a parameter that wins, key=value")
    return parser.parse_args(arguments)


def train(folder: Path, data: Dataset, made: Worms, args: argparse.Namespace) -> Run:
    """Returns a trained run; one that was begun before goes on where it stopped."""
    begun = (folder / "params.yaml").exists()
    if begun and len((run := indl_vae.load_run(folder)).history) == run.params.n_epochs:
        return run
    given = dict(one.split("=", 1) for one in args.settings)
    changes = {key: indl_vae.params.parse_value(value) for key, value in given.items()}
    fixed = {"n_epochs": args.epochs, "seed": args.seed, "n_identities": made.worms.n_identities}
    params = indl_vae.make_params("ceneurovae", {**SETTINGS, **fixed, **changes})
    log = LatentKLLog(data.valid, folder.parent / "latent_kl.csv")
    return indl_vae.train(params, data, folder, resume=begun, callbacks=[log])


def report(scores: NeuronScores) -> None:
    """Prints the scores."""
    print(f"R2 of hidden neurons of unseen animals, mean of {len(scores.imputation.identities)} classes:")
    for name, mean in scores.imputation.mean.items():
        print(f"  {mean:7.3f}  {MEANINGS[name]}")
    shown = ", ".join(f"{value:.3f}" for value in scores.correlations)
    print(f"Canonical correlations with the true signals: {shown}; {scores.active} latents active")


if __name__ == "__main__":
    main()
