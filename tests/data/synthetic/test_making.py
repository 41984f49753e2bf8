from __future__ import annotations

import pytest

from indl_vae.data import load_dataset, synthetic
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
}


def test_names():
    assert set(synthetic.names()) >= NAMES


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
    if several:
        with pytest.raises(DataError, match="means 2 sessions"):
            load_dataset(tmp_path / "folder" / name)


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
