"""Draws sprites with the looks of one and the action of another, from a run of the experiment.

python -m benchmarks.disentangling.sprite_picture RUN --seed 0 --out sprites.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import indl_vae
from benchmarks.disentangling.sprites import SIZE, make_sprites
from indl_vae.analysis.plots import plot_swaps, to_png

#: Characters and actions shown, and which frames of a trial.
N_DONORS = 4


def main(arguments: Sequence[str] | None = None) -> None:
    """Draws the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(arguments)
    test, model = make_sprites(args.seed).test, indl_vae.load_run(args.run).model
    rng = np.random.default_rng(args.seed)
    looks, actions = (test.take(rng.choice(test.n_trials, N_DONORS, replace=False)) for _ in range(2))
    f, z = (model.reconstruct(split, push_mean=True) for split in (looks, actions))
    swapped = [
        model.decode(np.repeat(one[None], N_DONORS, 0), z["dynamic"])["rates"] for one in np.asarray(f["static"])
    ]
    figure = plot_swaps(images(looks.x), images(actions.x), images(np.stack(swapped)))
    args.out.write_bytes(to_png(figure))


def images(x: np.ndarray) -> np.ndarray:
    """Returns arrays of pixels `(..., S * S * 3)` as images in 0..1."""
    return np.clip(np.asarray(x), 0.0, 1.0).reshape(*x.shape[:-1], SIZE, SIZE, 3)


if __name__ == "__main__":
    main()
