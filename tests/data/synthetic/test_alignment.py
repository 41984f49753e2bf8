from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data.synthetic.alignment import add_alignment
from indl_vae.errors import ConfigError


def sessions_of_one_space(rng):
    """Two sessions whose channels are different linear views of the same two signals."""
    signals = np.cumsum(rng.normal(size=(3, 40, 2)), axis=1)
    sessions = {}
    for name in ("a", "b"):
        data = np.repeat(signals @ rng.normal(size=(2, 5)) + rng.normal(size=5), 4, axis=0)
        sessions[name] = {"train_data": data, "train_condition": np.repeat(np.arange(3), 4)}
    return sessions


def test_aligned_sessions_agree():
    sessions = sessions_of_one_space(np.random.default_rng(0))
    aligned = add_alignment(sessions, 2)
    views = []
    for arrays in aligned.values():
        means = np.stack([arrays["train_data"][arrays["train_condition"] == c].mean(axis=0) for c in range(3)])
        views.append((means - arrays["alignment_bias_c"]) @ arrays["alignment_matrix_cxf"])
    spread = views[0].std(axis=(0, 1))
    # Smoothing at the trials' edges is the only difference between what was fitted and what is compared.
    assert (np.abs(views[0] - views[1]).max(axis=(0, 1)) < 0.05 * spread).all()
    assert "alignment_bias_c" not in sessions["a"]


def test_too_many_components():
    with pytest.raises(ConfigError, match="n_components: 11, expected 1 to 10"):
        add_alignment(sessions_of_one_space(np.random.default_rng(0)), 11)
