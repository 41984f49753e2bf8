"""A damaged file loads or raises DataError: nothing else, whatever the bytes say."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pytest

from indl_vae.data import inspect_data, load_dataset, write_dataset
from indl_vae.errors import DataError
from tests.data.region_files import WRITERS, ragged, write_mat5
from tests.data.small_files import small_arrays, write_h5

N_EDITS = 60
PLAIN = {"plain.mat": functools.partial(write_mat5, compressed=False)}


def mutated(content: bytes, seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    edited = bytearray(content)
    # Headers lie at the beginning; half of the edits go there.
    for _ in range(rng.integers(1, 5)):
        limit = len(edited) if rng.random() < 0.5 else min(4096, len(edited))
        edited[int(rng.integers(limit))] = int(rng.integers(256))
    if rng.random() < 0.1:
        edited = edited[: int(rng.integers(len(edited)))]
    return bytes(edited)


@pytest.mark.parametrize("writer", [write_dataset, write_h5])
def test_only_data_errors(tmp_path, writer):
    arrays = small_arrays() | {"conversion_factor": np.float64(100), "train_inds": np.arange(6)}
    content = writer(tmp_path / "a.h5", arrays) if writer is write_h5 else writer(arrays, tmp_path / "a.h5", 0.01)
    content = content.read_bytes()
    refused = 0
    for seed in range(N_EDITS):
        path = tmp_path / "mutated.h5"
        path.write_bytes(mutated(content, seed))
        for look in (load_dataset, inspect_data):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    look(path)
            except DataError as error:
                assert "mutated.h5" in str(error)
                refused += 1
    assert refused > N_EDITS // 4


@pytest.mark.parametrize("name", WRITERS | PLAIN)
def test_only_data_errors_from_trials_that_are_not_divided(tmp_path, name):
    content = (WRITERS | PLAIN)[name](tmp_path / name, *ragged()).read_bytes()
    refused, path = 0, tmp_path / f"mutated_{name}"
    for seed in range(3 * N_EDITS):
        path.write_bytes(mutated(content, seed))
        for look in (load_dataset, inspect_data):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    look(path, **({"likelihood": "gaussian"} if look is load_dataset else {}))
            except DataError as error:
                assert path.name in str(error)
                refused += 1
    assert refused > N_EDITS // 4
