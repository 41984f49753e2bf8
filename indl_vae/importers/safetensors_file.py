"""A small reader of safetensors files that trusts nothing in them.

The format (Hugging Face, safetensors 0.x): 8 bytes little-endian header length, a JSON header that gives each tensor's
dtype, shape and byte range, then the bytes. Only float32 and float64 are read; there is no code in such a file.
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from indl_vae.errors import DataError

_DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}
#: An LFADS header takes about 5 kB; a longer one than this is not a list of weights.
_HEADER_LIMIT = 10_000_000
_REMEDY = "Write it again with safetensors.numpy.save_file, or write an .npz."


def read_safetensors(path: str | Path) -> dict[str, np.ndarray]:
    """Returns the tensors of a safetensors file by name.

    Raises:
        DataError: If the file is not of the format, a tensor reaches outside of it, or is not float32 or float64.
    """
    path = Path(path)
    data = path.read_bytes()
    header, start = _read_header(data, path)
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    return {name: _read_tensor(data, start, name, entry, path) for name, entry in tensors.items()}


def _read_header(data: bytes, path: Path) -> tuple[dict[str, Any], int]:
    """Returns the header and the position at which the tensors' bytes start."""
    length = struct.unpack("<Q", data[:8])[0] if len(data) >= 8 else None
    if length is None or length > min(len(data) - 8, _HEADER_LIMIT):
        raise DataError(
            f"{path}: not a safetensors file: it has {len(data)} bytes and gives {length} as the length of its header. "
            f"{_REMEDY}"
        )
    try:
        header = json.loads(data[8 : 8 + length].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: the safetensors header is not JSON ({error}). {_REMEDY}") from error
    if not isinstance(header, dict):
        raise DataError(f"{path}: the safetensors header is a {type(header).__name__}, expected an object. {_REMEDY}")
    return header, 8 + length


def _read_tensor(data: bytes, start: int, name: str, entry: Any, path: Path) -> np.ndarray:
    """Returns one tensor after checking that its bytes lie within the file and fill its shape."""
    fields = entry if isinstance(entry, dict) else {}
    dtype, shape, offsets = fields.get("dtype"), fields.get("shape"), fields.get("data_offsets")
    if not (isinstance(dtype, str) and _are_sizes(shape) and _are_sizes(offsets) and len(offsets) == 2):
        raise DataError(f"{path}: tensor {name} has no proper dtype, shape and data_offsets: {entry!r:.120}. {_REMEDY}")
    if dtype not in _DTYPES:
        raise DataError(f"{path}: tensor {name} is of dtype {dtype}, expected F32 or F64. Export it with `.float()`.")
    size = math.prod(shape) * _DTYPES[dtype].itemsize
    begin, end = start + offsets[0], start + offsets[1]
    if end - begin != size or end > len(data):
        raise DataError(
            f"{path}: tensor {name} of shape {tuple(shape)} takes {size} bytes, but its data_offsets are {offsets} in "
            f"{len(data) - start} bytes of data: the file is cut or damaged. {_REMEDY}"
        )
    try:
        return np.array(memoryview(data)[begin:end], dtype=np.uint8).view(_DTYPES[dtype]).reshape(shape)
    except ValueError as error:
        raise DataError(f"{path}: tensor {name} has a shape that no array can take ({error}). {_REMEDY}") from error


def _are_sizes(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)
