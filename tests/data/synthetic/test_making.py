from __future__ import annotations

import h5py
import pytest

from indl_vae.data import load_dataset, synthetic
from indl_vae.data.inspection import inspect_data
from indl_vae.data.paths import find_sessions
from indl_vae.data.synthetic.set_options import check_options
from indl_vae.errors import ConfigError, DataError

SMALL = {"n_conditions": 2, "n_replications": 5}
NAMES = {
    "lorenz",
    "chaotic_rnn_no_inputs",
    "gaussian_chaotic_rnn_no_inputs",
    "chaotic_rnn_inputs_g1p5",
    "chaotic_rnn_inputs_g2p5",
    "chaotic_rnn_multisession",
    "chaotic_rnns_labeled",
    "itb_rnn",
}


def test_names():
    assert set(synthetic.names()) >= NAMES


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_set_is_written_and_read_back(tmp_path, name):
    options = SMALL | ({"n_units": 8, "n_observed": 4, "n_components": 2} if name == "chaotic_rnn_multisession" else {})
    made = synthetic.make(name.replace("_", "-"), seed=3, **options)
    several = len(made.sessions) > 1
    files = synthetic.write(name, tmp_path / ("folder" if several else "one.h5"), seed=3, **options)
    assert len(files) == len(made.sessions)
    for file, session in zip(files, made.sessions, strict=True):
        found = load_dataset(file, likelihood=made.likelihood)
        expected = made.dataset(session)
        assert (found.valid.x == expected.valid.x).all() and (found.train.truth == expected.train.truth).all()
        assert found.bin_width_s == made.bin_width_s
        assert set(found.train.extras) == set(expected.train.extras) >= {"latent"}
        assert (found.train.condition == expected.train.condition).all()
        (summary,) = inspect_data(file).sessions
        assert summary.problem is None and summary.warnings == () and summary.likelihood == made.likelihood
    if several:
        assert find_sessions(tmp_path / "folder" / name) == files


def test_a_folder_gets_a_file_of_the_sets_name(tmp_path):
    (file,) = synthetic.write("lorenz", tmp_path, **SMALL)
    assert file == tmp_path / "lorenz.h5"


def test_all_makes_a_subfolder_each(tmp_path, monkeypatch):
    monkeypatch.setattr(synthetic.SYNTHETIC, "names", lambda: ("lorenz", "chaotic_rnns_labeled"))
    files = synthetic.write("all", tmp_path, **SMALL)
    assert [str(file.relative_to(tmp_path)) for file in files] == [
        "lorenz/lorenz.h5",
        "chaotic_rnns_labeled/chaotic_rnns_labeled.h5",
    ]


def test_all_gives_each_set_the_options_that_it_knows(tmp_path, monkeypatch):
    monkeypatch.setattr(synthetic.SYNTHETIC, "names", lambda: ("lorenz", "itb_rnn"))
    files = synthetic.write_each("all", tmp_path, seed=1, n_channels=7, u_std=0.5, **SMALL)
    first = next(files)
    assert first.is_file() and not (tmp_path / "itb_rnn").exists()
    assert load_dataset(first).train.n_channels == 7
    with h5py.File(next(files)) as file:
        assert file["u_std"][()] == 0.5
    with pytest.raises(ConfigError, match=r"all: unknown option 'n_chanels'.*Did you mean 'n_channels'"):
        synthetic.write("all", tmp_path, n_chanels=7)
    with pytest.raises(DataError, match="all.h5: all has 2 sets, a subfolder each; name a folder"):
        synthetic.write("ALL", tmp_path / "all.h5")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("n_conditions", 0, "lorenz: n_conditions: 0, expected a whole number from 1"),
        ("n_conditions", 2.5, "n_conditions: 2.5, expected a whole number from 1"),
        ("n_conditions", True, "n_conditions: True, expected a whole number"),
        ("burn_in", -1, "burn_in: -1, expected a whole number from 0"),
        ("seed", -1, "seed: -1, expected a whole number from 0"),
        ("valid_share", "half", "valid_share: 'half', expected a finite number"),
        ("valid_share", float("nan"), "valid_share: nan, expected a finite number"),
        ("base_rate_hz", 0, "base_rate_hz: 0, expected a number above 0"),
        ("bin_width_s", -0.01, "bin_width_s: -0.01, expected a number above 0"),
    ],
)
def test_impossible_options(option, value, message):
    with pytest.raises(ConfigError, match=message):
        synthetic.make("lorenz", **{option: value})


def test_options_that_are_true_or_false():
    check_options("set", lambda seed=0, noisy=True: None, {"noisy": False})
    with pytest.raises(ConfigError, match="set: noisy: 1, expected true or false"):
        check_options("set", lambda seed=0, noisy=True: None, {"noisy": 1})


def test_older_name_of_the_gaussian_set():
    assert synthetic.make("chaotic-rnn-no-inputs-gaussian", **SMALL).name == "gaussian_chaotic_rnn_no_inputs"


def test_unknown_names():
    with pytest.raises(ConfigError, match=r"unknown synthetic data set 'lorentz'.*Did you mean 'lorenz'"):
        synthetic.make("lorentz")
    with pytest.raises(ConfigError, match=r"lorenz: unknown option 'n_chanels'.*Did you mean 'n_channels'"):
        synthetic.make("lorenz", n_chanels=3)


def test_several_sessions_need_a_folder(tmp_path):
    options = SMALL | {"n_units": 4, "n_observed": 2, "n_components": 2}
    with pytest.raises(DataError, match="chaotic_rnn_multisession has 2 sessions, a file each; name a folder"):
        synthetic.write("chaotic_rnn_multisession", tmp_path / "a.h5", **options)
    made = synthetic.make("chaotic_rnn_multisession", **options)
    with pytest.raises(DataError, match="has 2 sessions, expected one"):
        _ = made.arrays
    with pytest.raises(DataError, match="no session 'monday', expected one of dataset_N4_S2_n1"):
        made.dataset("monday")
