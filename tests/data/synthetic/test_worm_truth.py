"""Hidden signals beside windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae.data import Dataset
from indl_vae.data.split import Split
from indl_vae.data.synthetic.worm_truth import with_latents
from indl_vae.data.synthetic.worms import make_worms
from indl_vae.errors import DataError


def windows(numbers, starts, name="train"):
    extras = {"sequence_id": np.array(numbers), "start": np.array(starts)}
    return Split(name, np.zeros((len(numbers), 10, 2), np.float32), extras=extras)


@pytest.fixture(scope="module")
def made():
    return make_worms(0, 3, 40, 5, n_latents=2)


def test_windows_get_the_signals_of_their_frames(made):
    data = Dataset(windows([2, 0], [30, 4]), windows([1], [0], "valid"))
    found = with_latents(data, made)
    np.testing.assert_array_equal(found.train.extras["latent"][0], made.latents["worm-03"][30:40])
    np.testing.assert_array_equal(found.train.extras["latent"][1], made.latents["worm-01"][4:14])
    np.testing.assert_array_equal(found.valid.extras["latent"][0], made.latents["worm-02"][:10])
    assert set(found.valid.extras) == {"latent", "sequence_id", "start"} and found.test is None


def test_windows_of_other_worms_are_refused(made):
    for numbers, starts in (([3], [0]), ([0], [31]), ([-1], [0]), ([0], [-1])):
        with pytest.raises(
            DataError, match=rf"train: animal {numbers[0]} from frame {starts[0]}: expected one of 3 animals"
        ):
            with_latents(Dataset(windows(numbers, starts), None), made)
    bare = replace(windows([0], [0]), extras={"sequence_id": np.array([0])})
    with pytest.raises(DataError, match="train: expected extras sequence_id and start, got no start"):
        with_latents(Dataset(bare, None), made)
