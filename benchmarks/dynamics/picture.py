"""Draws the free run of a trained model over the system that it was trained on.

python -m benchmarks.dynamics.picture FOLDER/lorenz63/generalized_0 lorenz63 0 docs/img/lorenz63.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import indl_vae
from indl_vae.analysis.plots import plot_attractors
from indl_vae.data.synthetic import make

#: Free runs, and the bins before and within them.
_RUNS, _TRANSIENT, _BINS = 4, 1000, 1000


def main() -> None:
    """Draws the picture that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path, help="run folder")
    parser.add_argument("system", help="name of the synthetic set")
    parser.add_argument("seed", type=int, help="its seed")
    parser.add_argument("picture", type=Path, help="PNG to write")
    args = parser.parse_args()
    test = make(args.system, seed=args.seed).dataset().test
    model = indl_vae.load_run(args.run).model
    start = model.states(test)[:_RUNS, 0]
    run = model.free_run(_BINS, n=_RUNS, start=start, drop=_TRANSIENT)["rates"]
    plot_attractors(test.x[:_RUNS], run).savefig(args.picture, dpi=110)


if __name__ == "__main__":
    main()
