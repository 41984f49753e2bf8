from __future__ import annotations

import pytest

from indl_vae.data import load_dataset
from indl_vae.data.paths import find_sessions, name_sessions
from indl_vae.errors import DataError
from tests.data.small_files import small_arrays, write_h5


def names(files):
    return [file.name for file in files]


def touch(folder, *files):
    for name in files:
        (folder / name).touch()


@pytest.mark.parametrize(("files", "stem", "found"), [
    (["rat.h5"], "rat.h5", ["rat.h5"]),
    (["rat.h5"], "rat", ["rat.h5"]),
    (["rat", "rat.h5", "rat_1.h5"], "rat", ["rat"]),
    (["rat_1.h5", "rat_2", "rat_notes.txt", "rats.h5"], "rat", ["rat_1.h5", "rat_2"]),
    (["rat_2020.01.02.h5"], "rat", ["rat_2020.01.02.h5"]),
    (["chaotic_rnn_no_inputs_N50_S50", "chaotic_rnn_no_inputs_gaussian_N50_S50"], "chaotic_rnn_no_inputs",
     ["chaotic_rnn_no_inputs_N50_S50"]),
    (["chaotic_rnn_multisession_a.h5", "chaotic_rnn_multisession_b.h5"], "chaotic_rnn_multisession",
     ["chaotic_rnn_multisession_a.h5", "chaotic_rnn_multisession_b.h5"]),
])  # fmt: skip
def test_what_a_stem_means(tmp_path, files, stem, found):
    touch(tmp_path, *files)
    assert names(find_sessions(tmp_path / stem)) == found


def test_another_known_set_is_no_session(tmp_path):
    touch(tmp_path, "chaotic_rnn_inputs_g1p5.h5", "chaotic_rnn_inputs_g2p5.h5")
    with pytest.raises(DataError, match=r"chaotic_rnn_inputs: no such file, and no chaotic_rnn_inputs\.h5"):
        find_sessions(tmp_path / "chaotic_rnn_inputs")


def test_one_session_of_a_stem_loads(tmp_path):
    write_h5(tmp_path / "rat_monday.h5", small_arrays(), bin_width_s=0.01)
    assert load_dataset(tmp_path / "rat").source.endswith("rat_monday.h5")
    assert load_dataset([str(tmp_path / "rat")]).train.n_trials == 6


def test_sessions_are_named_by_what_their_stem_leaves(tmp_path):
    touch(tmp_path, "rat_1.h5", "rat_2.h5", "cat.h5")
    assert list(name_sessions(tmp_path / "rat")) == ["1", "2"]
    assert list(name_sessions([tmp_path / "rat_1", tmp_path / "cat.h5"])) == ["rat_1", "cat"]
    assert list(name_sessions([tmp_path / "rat_1", tmp_path / "rat_2.h5"])) == ["1", "2"]
    assert name_sessions(tmp_path / "cat") == {"": tmp_path / "cat.h5"}


def test_no_paths():
    with pytest.raises(DataError, match="an empty list of paths"):
        load_dataset([])


def test_missing_folder(tmp_path):
    with pytest.raises(DataError, match=r"nowhere/rat: no such file"):
        load_dataset(tmp_path / "nowhere" / "rat")


def test_folder_without_data(tmp_path):
    with pytest.raises(DataError, match=r"is a folder; .*it holds no \.h5 file"):
        load_dataset(tmp_path)
