"""A damaged data file loads or raises DataError: nothing else, whatever the bytes say, in bounded memory and time."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from indl_vae.analysis.merge_splits import merge_splits
from indl_vae.analysis.nlb.files import read_submission, write_submission
from indl_vae.data import inspect_data, load_dataset, load_worm_wide_web, load_worms, write_dataset, write_worms
from indl_vae.data.synthetic.worm_lab_files import write_lab_files
from indl_vae.data.synthetic.worms import make_worms
from indl_vae.data.worms.behaviors import DEFAULT_BEHAVIORS
from indl_vae.data.worms.lab_file import read_lab_file
from indl_vae.training.posterior_file import write_posterior
from tests.damage import FEW, MANY, little_memory, refusals  # noqa: F401
from tests.data.nwb_files import write_nwb
from tests.data.region_files import flat, ragged, write_mat5, write_mat73
from tests.data.region_files import write_h5 as write_h5_of_regions
from tests.data.small_files import small_arrays, write_h5
from tests.data.worms.test_worm_wide_web import web_file

KEYS = small_arrays() | {"conversion_factor": np.float64(100), "train_inds": np.arange(6)}


class Format(NamedTuple):
    """A file of a format, the ways through its readers, and the least share of damaged copies that must be refused.

    Formats without checksums cannot tell most flipped bytes of values from others.
    """

    name: str
    write: Callable[[Path], Any]
    reads: tuple[Callable[[Path], Any], ...] = (load_dataset, inspect_data)
    refused: float = 0.25


def _npy(path: Path) -> None:
    np.save(path, np.random.default_rng(0).poisson(1.0, (12, 5, 4)).astype("f4"))


def _submission(path: Path) -> None:
    write_submission(
        path, {"mc_maze_20": {"eval_rates_heldin": np.ones((3, 5, 4)), "eval_rates_heldout": np.ones((3, 5, 2))}}
    )


def _posterior(path: Path) -> None:
    arrays = {
        "rates": np.ones((3, 5, 4)),
        "factors": np.ones((3, 5, 2)),
        "f_loc": np.ones((3, 2)),
        "f_scale": np.ones((3, 2)),
    }
    splits = {"train": {**arrays, "inds": np.arange(3)}, "valid": {**arrays, "inds": np.arange(3, 6)}}
    write_posterior(path, splits, bin_width_s=0.01, samples=1)


def _worms(path: Path) -> None:
    write_worms(make_worms(n_animals=2, n_bins=120, n_classes=6).worms, path)


def _lab(path: Path) -> None:
    folder = path.parent / "lab"
    folder.mkdir()
    write_lab_files(make_worms(n_animals=1, n_bins=40, n_classes=6), folder)
    next(folder.glob("*.h5")).rename(path)


def _web(path: Path) -> None:
    web_file(path.parent)[0].rename(path)


GAUSSIAN = (functools.partial(load_dataset, likelihood="gaussian"), inspect_data)
FORMATS = [
    Format("own.h5", lambda path: write_dataset(KEYS, path, 0.01)),
    Format("plain.h5", lambda path: write_h5(path, KEYS)),
    Format("keys.npz", lambda path: np.savez(path, **KEYS)),
    Format("packed.npz", lambda path: np.savez_compressed(path, **KEYS)),
    Format("trials.npy", _npy, refused=0.1),
    Format("mat5.mat", lambda path: write_mat5(path, *ragged()), GAUSSIAN),
    Format("mat5_plain.mat", lambda path: write_mat5(path, *ragged(), compressed=False), GAUSSIAN),
    Format("mat73.mat", lambda path: write_mat73(path, *ragged()), GAUSSIAN),
    Format("flat.npz", lambda path: np.savez(path, **flat(*ragged())), GAUSSIAN),
    Format("padded.h5", lambda path: write_h5_of_regions(path, *ragged()), GAUSSIAN),
    Format("session.nwb", write_nwb, refused=0.0),  # most of its bytes say what no reader asks for
    Format("worms.h5", _worms, (load_worms, inspect_data), 0.1),
    Format("animal-data.h5", _lab, (lambda path: read_lab_file(path, "trace_array", DEFAULT_BEHAVIORS),), 0.1),
    Format("web.json", _web, (lambda path: load_worm_wide_web([path]),)),
    Format("posterior.h5", _posterior, (merge_splits,)),
    Format("submission.h5", _submission, (lambda path: read_submission(path, "mc_maze_20"),)),
]


@pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.usefixtures("little_memory")
def test_only_data_errors(tmp_path, form, n):
    whole, refused = tmp_path / form.name, 0
    form.write(whole)
    for read in form.reads:
        read(whole)
        refused += refusals(whole.with_name(f"damaged_{form.name}"), whole.read_bytes(), n, read)
    assert refused >= form.refused * n * len(form.reads)
