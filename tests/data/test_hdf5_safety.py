from __future__ import annotations

import h5py
import numpy as np
import pytest

from indl_vae.data import hdf5_safety, load_dataset, write_dataset
from indl_vae.errors import DataError
from tests.data.small_files import small_arrays, write_h5


@pytest.fixture
def good(tmp_path):
    return write_h5(tmp_path / "good.h5", small_arrays(), bin_width_s=0.01)


def replaced(path, key, make):
    with h5py.File(path, "a") as handle:
        del handle[key]
        make(handle)
    return path


def test_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.h5: no such file"):
        load_dataset(tmp_path / "none.h5")


def test_folder(tmp_path):
    write_h5(tmp_path / "a.h5", small_arrays())
    with pytest.raises(DataError, match=r"is a folder; .*it holds a\.h5"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("content", [b"\x89HDF\r\n\x1a\n", b"PK\x03\x04 a zip", b"text\n" * 100])
def test_not_hdf5(tmp_path, content):
    path = tmp_path / "bad.h5"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.h5: cannot be read .*expected a complete HDF5 file"):
        load_dataset(path)


def test_empty_file(tmp_path):
    (tmp_path / "empty.h5").touch()
    with pytest.raises(DataError, match=r"empty\.h5: is empty \(0 bytes\)"):
        load_dataset(tmp_path / "empty.h5")


def test_truncated(good):
    good.write_bytes(good.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"good\.h5: cannot be read .*truncated"):
        load_dataset(good)


def test_external_storage_is_not_read(tmp_path, good):
    secret = tmp_path / "secret"
    secret.write_bytes(b"s" * 1000)
    make = lambda h: h.create_dataset("train_data", (2, 5, 4), "u1", external=[(str(secret), 0, 40)])  # noqa: E731
    with pytest.raises(DataError, match="train_data: keeps its bytes in external storage"):
        load_dataset(replaced(good, "train_data", make))


def test_external_link_is_not_followed(tmp_path, good):
    write_h5(tmp_path / "other.h5", small_arrays())
    make = lambda h: h.__setitem__("train_data", h5py.ExternalLink("other.h5", "train_data"))  # noqa: E731
    with pytest.raises(DataError, match=r"train_data: is a link to another file \(other\.h5\), which is not followed"):
        load_dataset(replaced(good, "train_data", make))


@pytest.mark.parametrize("target", ["/away/train_data", "away/train_data", "/inner/away/train_data"])
def test_soft_link_through_an_external_one_is_not_followed(tmp_path, good, target):
    write_h5(tmp_path / "other.h5", small_arrays())

    def make(handle):
        handle["away"] = h5py.ExternalLink("other.h5", "/")
        handle.create_group("inner")["away"] = h5py.ExternalLink("other.h5", "/")
        handle["train_data"] = h5py.SoftLink(target)

    with pytest.raises(DataError, match="away: is a link to another file"):
        load_dataset(replaced(good, "train_data", make))


def test_soft_link_within_the_file_is_fine(good):
    with h5py.File(good, "a") as handle:
        handle.move("train_data", "spikes/counts")
        handle["spikes/alias"] = h5py.SoftLink("counts")
        handle["train_data"] = h5py.SoftLink("/spikes/alias")
    np.testing.assert_array_equal(load_dataset(good).train.x, small_arrays()["train_data"])


@pytest.mark.parametrize("target", ["/valid_loop", "/nowhere"])
def test_soft_links_that_lead_nowhere(good, target):
    def make(handle):
        handle["valid_loop"] = h5py.SoftLink("/train_data")
        handle["train_data"] = h5py.SoftLink(target)

    with pytest.raises(DataError, match=r"(more than 16 links in a row|train_data: cannot be read)"):
        load_dataset(replaced(good, "train_data", make))


def test_virtual_dataset(tmp_path, good):
    write_h5(tmp_path / "other.h5", small_arrays())

    def make(handle):
        layout = h5py.VirtualLayout((6, 5, 4), "f4")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "train_data", (6, 5, 4))
        handle.create_virtual_dataset("train_data", layout)

    with pytest.raises(DataError, match="train_data: is a virtual dataset"):
        load_dataset(replaced(good, "train_data", make))


def test_group_in_place_of_an_array(good):
    with pytest.raises(DataError, match="train_data: is a group, expected an array"):
        load_dataset(replaced(good, "train_data", lambda h: h.create_group("train_data")))


@pytest.mark.parametrize("value", [
    np.array(["a", "b"], dtype=h5py.string_dtype()),
    np.array([np.arange(2.0), np.arange(3.0)], dtype=object),
    np.zeros((6, 5, 4), np.complex64),
    np.zeros(3, [("x", "f4")]),
    np.array([b"ab"]),
])  # fmt: skip
def test_types_that_are_no_numbers(good, value):
    dtype = h5py.vlen_dtype(np.float64) if value.dtype == object and not isinstance(value[0], str) else value.dtype
    with pytest.raises(DataError, match="train_data: has type .*expected numbers"):
        load_dataset(replaced(good, "train_data", lambda h: h.create_dataset("train_data", data=value, dtype=dtype)))


def test_empty_placeholder(good):
    with pytest.raises(DataError, match="train_data: .*without a shape"):
        load_dataset(replaced(good, "train_data", lambda h: h.__setitem__("train_data", h5py.Empty("f4"))))


@pytest.mark.parametrize("chunks", [None, (1000, 100, 10)])
def test_header_claims_more_than_the_file_holds(good, chunks):
    make = lambda h: h.create_dataset("train_data", (10**7, 1000, 1000), "f8", chunks=chunks)  # noqa: E731
    with pytest.raises(
        DataError, match=r"header claims shape \(10000000, 1000, 1000\), 80,000,000,000,000 bytes, but the file has"
    ):
        load_dataset(replaced(good, "train_data", make))


def test_highly_compressed_zeros_are_data_all_the_same(tmp_path):
    counts = np.zeros((200, 100, 300), np.float64)
    counts[0] = 1
    path = write_dataset({"train_data": counts, "valid_data": counts[:2]}, tmp_path / "a.h5")
    assert path.stat().st_size < counts.nbytes / 100
    assert load_dataset(path).train.x.sum() == 100 * 300


def test_more_than_the_memory(good, monkeypatch):
    monkeypatch.setattr(hdf5_safety, "memory_bytes", lambda: 1000)
    with pytest.raises(DataError, match="arrays need 1,440 bytes, this machine has 1,000"):
        load_dataset(good)


def test_memory_is_known():
    assert hdf5_safety.memory_bytes() > 1 << 20


def test_checksum_finds_a_damaged_byte(tmp_path):
    path = write_dataset(small_arrays(), tmp_path / "a.h5", bin_width_s=0.01)
    with h5py.File(path) as handle:
        offset = handle["train_data"].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    content[offset + 20] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="train_data: cannot be read"):
        load_dataset(path)
