"""Divergences of latents, epoch by epoch."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data.split import Split
from indl_vae.errors import ConfigError, DataError
from indl_vae.training.latent_kl_log import LatentKLLog, read_latent_kl


class Model:
    """Says how many windows it was asked for, and what it was told to say."""

    kl = 0.0

    def posterior(self, split, push_mean):
        return {"kl_per_latent": np.array([[self.kl, split.n_trials], [self.kl + 1, split.n_trials]])}


@pytest.fixture
def split():
    return Split("valid", np.zeros((5, 3, 2), np.float32))


def log(split, path, **options):
    made = LatentKLLog(split, path, **options)
    made.set_model(Model())
    return made


def test_a_row_is_written_after_each_epoch_and_again_when_it_is_done_again(split, tmp_path):
    path = tmp_path / "kl.csv"
    first = log(split, path, n_trials=4)
    for epoch in range(3):
        first.model.kl = float(epoch)
        first.on_epoch_end(epoch)
    again = log(split, path, n_trials=4)
    again.model.kl = 9.0
    again.on_epoch_end(1)
    epochs, table = read_latent_kl(path)
    np.testing.assert_array_equal(epochs, [1, 2])
    np.testing.assert_allclose(table, [[0.5, 4], [9.5, 4]])


def test_epochs_between_are_left_out(split, tmp_path):
    rare = log(split, tmp_path / "kl.csv", every=2)
    for epoch in range(5):
        rare.on_epoch_end(epoch)
    epochs, table = read_latent_kl(tmp_path / "kl.csv")
    np.testing.assert_array_equal(epochs, [1, 3, 5])
    assert (table[:, 1] == 5).all()


def test_what_is_no_such_table_is_refused(split, tmp_path):
    with pytest.raises(ConfigError, match="every, n_trials: expected numbers from 1 up, got 0 and 32"):
        LatentKLLog(split, tmp_path / "kl.csv", every=0)
    path = tmp_path / "other.csv"
    path.write_text("epoch,latent_0\n1,many\n")
    with pytest.raises(DataError, match="expected a table of numbers, as LatentKLLog writes it"):
        read_latent_kl(path)
    for text in ("", "a,b\n1,2\n", "epoch,latent_0\n"):
        path.write_text(text)
        with pytest.raises(DataError, match=r"expected columns epoch, latent_0, \.\.\. and a row at least"):
            read_latent_kl(path)
