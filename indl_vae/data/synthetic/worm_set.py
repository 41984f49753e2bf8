"""The synthetic set `worms`: made animals in the file of CeNeuroVAE, the hidden truth beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.hdf5_write import write_hdf5
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.data.synthetic.worms import Worms, make_worms
from indl_vae.data.worms.worm_dataset import worm_dataset
from indl_vae.data.worms.worm_file_write import worm_arrays
from indl_vae.errors import DataError

#: Group of the truth in the file; readers of worms pass over it.
TRUTH = "truth"


@dataclass(frozen=True, eq=False)
class WormSyntheticSet(SyntheticSet):
    """Made worms as a synthetic set.

    Attributes:
        made: The animals, and what is hidden behind them.
        texts: Lists of text by file key.
    """

    made: Worms | None = None
    texts: Mapping[str, Any] | None = None

    def dataset(self, session: str | None = None, **options: Any) -> Dataset:
        """Returns the animals as a checked Dataset; options are those of `worm_dataset`.

        Raises:
            DataError: A session is named, of which there is none.
        """
        if session:
            raise DataError(f"{self.name}: no session {session!r}, expected None: the animals are one data set.")
        return worm_dataset(self.made.worms, **options)

    def write(self, session: str, path: Path) -> Path:
        """Writes the file of all animals, with their truth."""
        return write_hdf5(self.arrays, path, {}, self.texts)


@SYNTHETIC.register("worms")
def worms(
    seed: int = 0,
    n_animals: int = 40,
    n_bins: int = 1600,
    n_classes: int = 154,
    n_latents: int = 3,
    unlabeled: float = 0.4,
    noise: float = 1.0,
    bin_width_s: float = 0.6,
) -> WormSyntheticSet:
    """Returns animals with different neurons; arguments and errors are those of `make_worms`."""
    made = make_worms(seed, n_animals, n_bins, n_classes, n_latents, unlabeled, noise, bin_width_s)
    arrays, texts = worm_arrays(made.worms)
    return WormSyntheticSet("worms", {"": arrays | _truth(made)}, bin_width_s, "gaussian", made, texts)


def _truth(made: Worms) -> dict[str, np.ndarray]:
    """Returns what is hidden: of each animal, time first, and of the classes."""
    arrays = {f"{TRUTH}/classes/{name}": np.asarray(value) for name, value in made.classes._asdict().items()}
    for name in ("latents", "clean", "full", "true_identity"):
        arrays |= {f"{TRUTH}/{uid}/{name}": values for uid, values in getattr(made, name).items()}
    return arrays
