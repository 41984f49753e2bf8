"""Lists of text in HDF5 files."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from indl_vae.data.hdf5_safety import open_hdf5, safe_strings
from indl_vae.data.hdf5_write import write_hdf5
from indl_vae.errors import DataError


@pytest.mark.parametrize("texts", [["unknown", "AVAL"], ["", "ä?"], [], [""]])
def test_text_is_written_and_read_back(tmp_path, texts):
    path = write_hdf5({"x": np.ones(3)}, tmp_path / "t.h5", {}, {"names/of": texts})
    with open_hdf5(path) as handle:
        assert safe_strings(handle, "names/of", path) == texts


def test_text_of_other_writers(tmp_path):
    with h5py.File(tmp_path / "t.h5", "w") as file:
        file["fixed"] = np.array([b"ab", b"c"])
        file["variable"] = ["ab", "c"]
    with open_hdf5(tmp_path / "t.h5") as handle:
        for key in ("fixed", "variable"):
            assert safe_strings(handle, key, tmp_path / "t.h5") == ["ab", "c"]


def test_what_is_no_list_of_text(tmp_path):
    with h5py.File(tmp_path / "t.h5", "w") as file:
        file["numbers"], file["one"], file["table"] = np.ones(3), "text", np.array([[b"a"]])
        file.create_group("group")
        file["link"] = h5py.ExternalLink("other.h5", "x")
    with open_hdf5(tmp_path / "t.h5") as handle:
        for key in ("numbers", "one", "table", "group"):
            with pytest.raises(DataError, match=f"t.h5: {key}: expected a list of text"):
                safe_strings(handle, key, tmp_path / "t.h5")
        with pytest.raises(DataError, match="t.h5: link: is a link to another file"):
            safe_strings(handle, "link", tmp_path / "t.h5")
