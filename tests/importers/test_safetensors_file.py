"""The safetensors reader takes what the format allows and refuses every way of reaching outside of it."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from indl_vae.errors import DataError
from indl_vae.importers.safetensors_file import read_safetensors
from tests.importers.exports import write_raw_safetensors, write_safetensors


def test_tensors_come_back(tmp_path):
    tensors = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": np.linspace(0, 1, 4),
        "scalar": np.array(2.5, dtype=np.float32),
        "none": np.zeros((0, 3), dtype=np.float32),
    }
    back = read_safetensors(write_safetensors(tmp_path / "a.safetensors", tensors))
    assert set(back) == set(tensors)
    for name, value in tensors.items():
        assert back[name].dtype == value.dtype
        np.testing.assert_array_equal(back[name], value)


def test_other_types_are_refused(tmp_path):
    path = write_safetensors(tmp_path / "a.safetensors", {"half": np.ones(2, dtype=np.float16)})
    with pytest.raises(DataError, match=r"tensor half is of dtype F16, expected F32 or F64.*\.float\(\)"):
        read_safetensors(path)


@pytest.mark.parametrize(
    "content", [b"", b"1234567", struct.pack("<Q", 100) + b"{}", struct.pack("<Q", 2**63) + b"{}" * 99]
)
def test_header_longer_than_the_file(tmp_path, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not a safetensors file: it has"):
        read_safetensors(path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"{", "header is not JSON"),
        (b"\xff\xfe", "header is not JSON"),
        (b"[" * 100_000, "header is not JSON"),
        (b"[1, 2]", "header is a list, expected an object"),
    ],
)
def test_header_that_is_no_object(tmp_path, header, message):
    with pytest.raises(DataError, match=message):
        read_safetensors(write_raw_safetensors(tmp_path / "a.safetensors", header))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (3, "no proper dtype, shape and data_offsets"),
        ({"dtype": "F32", "shape": [2]}, "no proper dtype, shape and data_offsets"),
        ({"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}, "no proper dtype, shape and data_offsets"),
        ({"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}, "no proper dtype, shape and data_offsets"),
        ({"dtype": "F32", "shape": [2.0], "data_offsets": [0, 8]}, "no proper dtype, shape and data_offsets"),
        ({"dtype": "F32", "shape": [2], "data_offsets": [0, 8, 9]}, "no proper dtype, shape and data_offsets"),
        ({"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}, "no proper dtype, shape and data_offsets"),
        ({"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}, "takes 8 bytes, but its data_offsets"),
        ({"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}, "takes 8 bytes, but its data_offsets"),
        ({"dtype": "F32", "shape": [2], "data_offsets": [12, 20]}, "in 16 bytes of data: the file is cut"),
        ({"dtype": "F64", "shape": [2**40, 2**40], "data_offsets": [0, 16]}, "the file is cut or damaged"),
        ({"dtype": "F32", "shape": [0, 2**50, 2**50], "data_offsets": [0, 0]}, "a shape that no array can take"),
        ({"dtype": "F32", "shape": [1] * 80, "data_offsets": [0, 4]}, "a shape that no array can take"),
    ],
)
def test_tensor_outside_of_the_file(tmp_path, entry, message):
    header = json.dumps({"w": entry}).encode()
    with pytest.raises(DataError, match=f"tensor w .*{message}"):
        read_safetensors(write_raw_safetensors(tmp_path / "a.safetensors", header, b"\0" * 16))
