"""The scalars of the first trial in the logs, against the model's own outputs."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae import make_params, train
from indl_vae.data import Dataset
from indl_vae.families.dendplrnn.published_scores import NAMES, largest_eigenvalue


def test_they_are_logged_every_epoch_and_change_nothing(tmp_path):
    x = np.random.default_rng(0).normal(size=(4, 9, 2)).astype("f4")
    data = Dataset.from_arrays({"x": x}, {"x": x[:2]}, likelihood="gaussian")
    params = make_params(
        "dendplrnn", z_latent_size=3, n_bases=2, n_epochs=2, batch_size=4, latent_noise=1.0, jit_compile=False
    )
    run = train(params, data, tmp_path / "run")
    for row in run.history:
        assert all(np.isfinite(row[name]) for name in (*NAMES, "max_eigenvalue"))
        assert row["total_grad_norm"] > 0
        # of the very same loss, but for the constant of the entropy, one trial and one sample
        constant = 0.5 * 3 * (1 + np.log(2 * np.pi))
        loss = -0.5 * (row["likelihood_x"] + row["likelihood_z"] + row["loss_entropy"] + constant)
        assert loss == pytest.approx(row["loss"], abs=3.0)
    again = train(params, data, tmp_path / "again")
    assert [row["loss"] for row in run.history] == [row["loss"] for row in again.history]
    prior = run.model.core.get_layer("p_z")
    expected = np.abs(np.linalg.eigvals(prior.step.square.numpy())).max()
    assert largest_eigenvalue(prior) == pytest.approx(expected, rel=1e-5)
