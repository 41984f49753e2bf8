"""A first look: make spikes whose hidden rates are known, train LFADS on the spikes alone, and see what it found.

Run by `make demo`; a few minutes on two cores. Everything lands in one folder, and every step is also a command:
`indl-vae synth`, `train`, `evaluate`, `report`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

EPOCHS = 45
SETTINGS = {"n_epochs": EPOCHS, "learning_rate": 8e-3, "kl_ramp_length": 15, "l2_ramp_length": 15, "jit_compile": False}


def main() -> int:
    """Runs the demo and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="folder for data and run; a new temporary one by default")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    args = parser.parse_args()
    out = args.out or Path(tempfile.mkdtemp(prefix="indl_vae_demo_"))

    print("1. Simulating spikes of 60 neurons that are driven by a hidden Lorenz attractor ...", flush=True)
    data = make_data(out / "lorenz.h5")
    print("2. Training LFADS on the spikes (loading TensorFlow first) ...", flush=True)
    run = train_lfads(data, out / "run", args.epochs)
    print("3. Averaging 50 posterior samples, scoring against the hidden rates, drawing ...", flush=True)
    return show(run)


def make_data(path: Path) -> Path:
    """Writes 20 conditions of 25 trials of one second, with their true rates, and returns the path."""
    from indl_vae.data import synthetic

    path.parent.mkdir(parents=True, exist_ok=True)
    return synthetic.write("lorenz", path, seed=1, n_conditions=20, n_replications=25)[0]


def train_lfads(data: Path, folder: Path, epochs: int):
    """Trains LFADS and returns the run."""
    import indl_vae

    params = indl_vae.make_params("lfads", {**SETTINGS, "n_epochs": epochs})
    return indl_vae.train(params, indl_vae.load_dataset(data), folder)


def show(run) -> int:
    """Writes the report, prints what was found, and returns 0 if the hidden rates were recovered."""
    from indl_vae.analysis.metrics import r2
    from indl_vae.analysis.report import report_run

    dataset = run.load_dataset()
    page = report_run(run)
    scores = json.loads((run.folder / "scores.json").read_text())
    found = scores["valid"]["r2_rates"]
    smoothing = scores["baselines"]["smoothing_glm"]["r2_rates"]
    latent = lorenz_r2(run, dataset, r2)
    print(f"\nR2 of the inferred rates against the hidden true rates (validation trials): {found:.3f}")
    print(f"   the same for smoothed spikes with a Poisson GLM:                         {smoothing:.3f}")
    print(f"R2 of the hidden Lorenz state, read linearly from the factors:              {latent:.3f}")
    print(f"Look at it: {page.resolve().as_uri()}")
    return 0 if found >= 0.8 else 1


def lorenz_r2(run, dataset, r2) -> float:
    """Returns how much of the true Lorenz state on validation trials a linear map of the factors explains.

    The map is fitted on training trials.
    """
    import numpy as np

    def design(split):
        factors = run.posterior(split, samples=10)["factors"]
        flat = factors.reshape(-1, factors.shape[-1])
        return np.c_[flat, np.ones(len(flat))], split.extras["latent"].reshape(-1, 3)

    features, states = design(dataset.train)
    weights = np.linalg.lstsq(features, states, rcond=None)[0]
    features, states = design(dataset.valid)
    return r2(features @ weights, states)


if __name__ == "__main__":
    sys.exit(main())
