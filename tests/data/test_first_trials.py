from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae.data.first_trials import first_trials
from indl_vae.data.split import Split

SPLIT = Split(name="train", x=np.arange(6, dtype="f4")[:, None, None])


@pytest.mark.parametrize(("n", "kept"), [(None, 6), (2, 2), (6, 6), (9, 6)])
def test_of_one_session(n, kept):
    found = first_trials(SPLIT, n)
    assert found.x[:, 0, 0].tolist() == found.inds.tolist() == list(range(kept))


def test_of_each_session():
    split = replace(SPLIT, session=np.array([1, 1, 1, 0, 0, 1]))
    assert first_trials(split, 2).inds.tolist() == [0, 1, 3, 4]
    assert first_trials(split, 1).session.tolist() == [1, 0]
