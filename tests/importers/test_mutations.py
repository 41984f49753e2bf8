"""A damaged checkpoint of another program is read or raises DataError; TensorFlow's own reader neither crashes nor lies."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import yaml

from indl_vae.data import write_hdf5
from indl_vae.errors import IndlVaeError
from indl_vae.importers import read_autolfads_tf2, read_lfads_torch, read_tf1_model_params
from indl_vae.importers.tf1_names import to_tf1
from tests.damage import FEW, MANY, edits, little_memory, refusals  # noqa: F401
from tests.importers.exports import torch_state, write_checkpoint, write_safetensors
from tests.importers.test_autolfads_tf2 import SPEC
from tests.importers.test_tf1_model_params import SIZES, flat
from tests.reference.random_lfads import random_lfads

TIMES = pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
FILES = {
    "a.safetensors": (lambda path: write_safetensors(path, torch_state(random_lfads())), read_lfads_torch),
    "a.npz": (lambda path: np.savez(path, **torch_state(random_lfads())), read_lfads_torch),
    "model_params": (
        lambda path: write_hdf5(flat(to_tf1(random_lfads(**SIZES), "n1")), path, {}),
        read_tf1_model_params,
    ),
}


@TIMES
@pytest.mark.parametrize("name", FILES)
@pytest.mark.usefixtures("little_memory")
def test_only_data_errors(tmp_path, name, n):
    write, read = FILES[name]
    write(tmp_path / name)
    read(tmp_path / name)
    damaged = tmp_path / f"damaged_{name}"
    assert refusals(damaged, (tmp_path / name).read_bytes(), n, read) >= n // 10


@TIMES
@pytest.mark.parametrize("suffix", ["index", "data-00000-of-00001", "yaml"])
def test_parts_of_a_tensorflow_checkpoint(tmp_path, suffix, n):
    weights, folder = random_lfads(), tmp_path / "model"
    write_checkpoint(folder / "lve-ckpt-3", weights)
    (folder / "model_spec.yaml").write_text(yaml.safe_dump(SPEC))
    path = next(folder.glob(f"*.{suffix}"))
    content, refused = path.read_bytes(), 0
    expected = read_autolfads_tf2(folder).weights
    for seed, damaged in edits(content, n):
        path.write_bytes(damaged)
        try:
            found = read_autolfads_tf2(folder).weights
        except IndlVaeError as error:
            assert str(folder) in str(error), f"seed {seed}"
            refused += 1
        else:  # a byte that nobody reads: values themselves have checksums
            for name, value in found.items():
                np.testing.assert_array_equal(value, expected[name], err_msg=f"seed {seed} {name}")
    assert refused > n // 4
    shutil.rmtree(folder)
