"""What the KL weight and free bits do to the latents: divergence of each while training, and how many are in use.

python -m benchmarks.worms.latent_use --folder FOLDER --figure FIGURE.png
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import indl_vae
from benchmarks.worms.made import WORMS, make_data
from indl_vae.analysis.neurons import active_units
from indl_vae.training.latent_kl_log import LatentKLLog, read_latent_kl

#: Weight of the divergence, and nats that each latent has free in each bin.
SETTINGS = {
    "weight 1": (1.0, 0.0),
    "weight 1, 0.5 nats free": (1.0, 0.5),
    "weight 0.1": (0.1, 0.0),
    "weight 0.1, 0.5 nats free": (0.1, 0.5),
}
_EPOCHS, _FREE, _FLOOR = 40, 0.5, 1e-4


def train_one(name: str, data: Any, folder: Path) -> dict[str, Any]:
    """Trains a model unless that is done, and returns figures of its latents on the validation windows."""
    weight, free = SETTINGS[name]
    place = folder / f"{weight:g}_{free:g}"
    table = place.with_suffix(".csv")
    if not (place / "metrics.csv").exists() or len(indl_vae.load_run(place).history) < _EPOCHS:
        settings = {**WORMS.variants["default"].settings, "n_epochs": _EPOCHS, "lr_decay_steps": 500}
        params = indl_vae.make_params("ceneurovae", settings, kl_z_weight=weight, free_bits=free, seed=0)
        resume = (place / "params.yaml").exists()
        indl_vae.train(params, data, place, resume=resume, callbacks=[LatentKLLog(data.valid, table)])
    run = indl_vae.load_run(place)
    history = run.history[-1]
    loc = run.model.posterior(data.valid, push_mean=True)["z_loc"]
    _, kl = read_latent_kl(table)
    return {
        "active": int(active_units(loc).sum()),
        "kl_nats_a_bin": float(kl[-1].sum()),
        "latents_above_free": int((kl[-1] > _FREE).sum()),
        "val_nll": history["val_nll"],
        "kl": kl,
    }


def draw(found: dict[str, dict[str, Any]], path: Path) -> None:
    """Draws divergences over training, a panel for each setting, on one scale."""
    figure, axes = plt.subplots(1, len(found), figsize=(3.2 * len(found), 3.2), sharey=True, layout="constrained")
    for ax, (name, one) in zip(axes, found.items(), strict=True):
        ax.plot(
            np.arange(1, len(one["kl"]) + 1), np.maximum(one["kl"], _FLOOR), color="#2166ac", linewidth=1, alpha=0.7
        )
        ax.axhline(_FREE, color="0.6", linewidth=0.8, linestyle=":")
        ax.set(title=f"{name}\n{one['active']} of {one['kl'].shape[1]} latents active", xlabel="Epoch", yscale="log")
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("Divergence of a latent (nats a bin)")
    figure.savefig(path, dpi=130)


def main() -> None:
    """Trains all settings, prints their figures and draws them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where runs go")
    parser.add_argument("--figure", type=Path, required=True, help="where the picture goes")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    data, found = make_data(0, n_animals=12), {}
    for name in SETTINGS:
        found[name] = train_one(name, data, args.folder)
        print(json.dumps({"setting": name, **{k: v for k, v in found[name].items() if k != "kl"}}), flush=True)
    draw(found, args.figure)


if __name__ == "__main__":
    main()
