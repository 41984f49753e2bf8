from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import inspect_data, render_summary
from indl_vae.errors import DataError
from tests.data.small_files import small_arrays, write_h5


@pytest.fixture
def odd_file(tmp_path):
    arrays = small_arrays() | {"notes": np.zeros(2)}
    data = arrays["train_data"]
    data[:, :, 0] = 0
    data[:, :, 2] = data[:, :, 1]
    data[:, :, 3] += 5
    data[4, 1, 3] = np.nan
    return write_h5(tmp_path / "odd.h5", arrays, bin_width_s=0.02)


def test_summary(odd_file):
    (session,) = inspect_data(odd_file).sessions
    assert session.bin_width_s == 0.02 and session.ignored == ("notes",) and session.likelihood == "poisson"
    assert [(a.key, a.shape, a.dtype, a.n_nan) for a in session.arrays][0] == ("train_data", (6, 5, 4), "float32", 1)
    train, valid = session.splits
    assert (train.n_trials, train.n_bins, train.n_channels) == (6, 5, 4)
    assert "silent or constant channels: 0" in train.suspicious
    assert "channels that are copies of others: 1 = 2" in train.suspicious
    assert "channels with very high rates: 3" in train.suspicious
    assert "1 NaN entries in channels 3" in train.suspicious
    assert valid.suspicious == ()
    assert valid.mean_hz == pytest.approx(valid.mean_per_bin / 0.02)
    assert "NaN at trial 4, bin 1, channel 3" in session.problem


def test_text(odd_file):
    text = render_summary(inspect_data(odd_file))
    for part in (
        "odd.h5",
        "bin width  0.02 s",
        "6 trials x 5 bins x 4 channels",
        "Hz",
        "not read   notes",
        "1 = 2",
        "does not load: ",
    ):
        assert part in text
    assert text.endswith("\n")


def test_sessions_of_a_stem(tmp_path):
    for day in ("a", "b"):
        write_h5(tmp_path / f"rat_{day}.h5", small_arrays())
    summary = inspect_data(tmp_path / "rat")
    assert len(summary.sessions) == 2
    text = render_summary(summary)
    assert text.startswith("2 sessions") and "unknown (pass bin_width_s)" in text and "warning" in text
    assert "loads (likelihood poisson)" in text
    assert inspect_data(tmp_path / "rat_a", bin_width_s=0.01).sessions[0].splits[0].mean_hz is not None


def test_real_values_are_gaussian(tmp_path):
    arrays = {f"{split}_data": np.random.default_rng(0).normal(size=(3, 4, 2)) for split in ("train", "valid")}
    (session,) = inspect_data(write_h5(tmp_path / "a.h5", arrays)).sessions
    assert session.likelihood == "gaussian" and session.problem is None and session.splits[0].mean_hz is None


def test_file_without_data_says_so(tmp_path):
    (session,) = inspect_data(write_h5(tmp_path / "a.h5", {"spikes": np.ones(3)})).sessions
    assert session.splits == () and "train_data: not in the file" in session.problem


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match=r"none\.h5: no such file"):
        inspect_data(tmp_path / "none.h5")


def test_sessions_are_tried_together(tmp_path):
    for name, width in (("a", 0.01), ("b", 0.01), ("c", 0.02)):
        write_h5(tmp_path / f"rat_{name}.h5", small_arrays(), bin_width_s=width)
    summary = inspect_data(tmp_path / "rat")
    assert all(session.problem is None for session in summary.sessions)
    assert "session 'c' has bin_width_s 0.02, the first session has 0.01" in summary.problem
    assert f"together: do not load: {summary.problem}" in render_summary(summary)
    (tmp_path / "rat_c.h5").unlink()
    assert render_summary(inspect_data(tmp_path / "rat")).endswith("together: load as one data set\n")
    assert "together" not in render_summary(inspect_data(tmp_path / "rat_a"))
