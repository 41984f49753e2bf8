"""Reads .mat files of MATLAB 5 to 7: arrays of numbers and cells of them.

Written anew because SciPy's reader ends the whole process on some damaged files. Nothing is believed before it is
checked: no size, no type, no offset.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from indl_vae.data.hdf5_safety import refuse_total
from indl_vae.errors import DataError

_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
#: Types of stored numbers, and classes of arrays, by their codes in the file.
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_CELL, _NUMBERS = 1, range(6, 16)
_OTHER = {2: "struct", 3: "object", 4: "text", 5: "sparse array", 16: "function", 17: "object", 18: "object"}
_COMPLEX = 0x0800
#: Bytes that a variable's class, shape and name are read from.
_ENOUGH_FOR_NAME = 4096


class _Element(NamedTuple):
    """A stored piece: the code of its type, and its bytes."""

    kind: int
    content: memoryview


class _Variable(NamedTuple):
    """What an array is: flags, class, shape, name, and the pieces that follow."""

    flags: int
    shape: tuple[int, ...]
    name: str
    rest: Iterator[_Element]


def read_mat5(
    path: Path, wanted: Callable[[Sequence[str]], Sequence[str]]
) -> tuple[dict[str, np.ndarray | list[np.ndarray]], tuple[str, ...]]:
    """Reads arrays of numbers and cells of them.

    Args:
        path: The file.
        wanted: Returns which of the file's variables are read.

    Returns:
        `(found, ignored)`: arrays, and lists of the arrays in cells, by name; and the names that were not read.

    Raises:
        DataError: The file is damaged or cut short, or holds anything but real numbers in a wanted variable.
    """
    try:
        content = memoryview(path.read_bytes())
        order = {b"IM": "<", b"MI": ">"}[bytes(content[126:_HEADER])]
        elements = list(_elements(content[_HEADER:], order, aligned=False))
        names = [_variable(_start(one), order).name for one in elements]
        keys = wanted([name for name in names if name])
        chosen = {name: one for name, one in zip(names, elements, strict=True) if name in keys}
        refuse_total(sum(_size(one, order) for one in chosen.values()), path)
        found = {name: _value(_whole(one, order), order, f"{path}: {name}") for name, one in chosen.items()}
    except DataError:
        raise
    except (OSError, KeyError, ValueError, OverflowError, MemoryError, struct.error, zlib.error) as error:
        raise DataError(
            f"{path}: cannot be read as a .mat file ({type(error).__name__}: {str(error)[:200]}); it is damaged or cut "
            "short: save or copy it again."
        ) from error
    return found, tuple(sorted({name for name in names if name} - set(keys)))


def _elements(content: memoryview, order: str, aligned: bool = True) -> Iterator[_Element]:
    """Yields the pieces that lie one after the other, padded to 8 bytes unless they are compressed."""
    at = 0
    while at < len(content):
        if len(content) - at < 8:
            raise ValueError("a piece of the file ends within its header")
        kind, size = struct.unpack_from(f"{order}II", content, at)
        if kind >> 16:  # a small piece has its size in the upper half, and its bytes in place of the size
            kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
            end = at + 8
        else:
            start = at + 8
            end = start + (size if kind == _COMPRESSED else size + -size % 8)
        if start + size > len(content) or (end > len(content) and aligned) or size > max(4, end - start):
            raise ValueError(f"a piece claims {size:,} bytes, {len(content) - start:,} are left")
        yield _Element(kind, content[start : start + size])
        at = end


def _start(element: _Element) -> memoryview:
    """Returns the first bytes of a variable, its own header left out."""
    if element.kind == _MATRIX:
        return element.content[:_ENOUGH_FOR_NAME]
    if element.kind != _COMPRESSED:
        raise ValueError(f"a variable has the type {element.kind}")
    return memoryview(zlib.decompressobj().decompress(element.content, _ENOUGH_FOR_NAME))[8:]


def _size(element: _Element, order: str) -> int:
    """Returns how many bytes a variable takes in memory."""
    if element.kind == _MATRIX:
        return len(element.content)
    return struct.unpack_from(f"{order}I", zlib.decompressobj().decompress(element.content, 8), 4)[0]


def _whole(element: _Element, order: str) -> memoryview:
    if element.kind == _MATRIX:
        return element.content
    reader = zlib.decompressobj()
    content = reader.decompress(element.content, 8 + _size(element, order))
    if reader.decompress(reader.unconsumed_tail, 1) or not reader.eof:
        raise ValueError("a compressed variable is not as long as it says")
    (one,) = _elements(memoryview(content), order)
    if one.kind != _MATRIX:
        raise ValueError(f"a variable has the type {one.kind}")
    return one.content


def _variable(content: memoryview, order: str) -> _Variable:
    if not len(content):
        return _Variable(6, (0, 0), "", iter(()))  # how an empty array in a cell may be written
    pieces = _elements(content, order, aligned=False)
    flags, shape, name = (next(pieces, None) for _ in range(3))
    if flags is None or shape is None or name is None or len(flags.content) < 4:
        raise ValueError("a variable has no name or shape")
    sizes = tuple(int(size) for size in _numbers(shape, order))
    if min(sizes, default=-1) < 0 or len(sizes) > 8:
        raise ValueError(f"a variable has the shape {sizes}")
    word = struct.unpack_from(f"{order}I", flags.content)[0]
    return _Variable(word, sizes, bytes(name.content).decode("latin-1"), pieces)


def _numbers(element: _Element, order: str) -> np.ndarray:
    if element.kind not in _TYPES:
        raise ValueError(f"numbers of the type {element.kind}")
    return np.frombuffer(element.content, order + _TYPES[element.kind])


def _value(content: memoryview, order: str, place: str) -> Any:
    """Returns an array of numbers, or the list of those in a cell."""
    variable = _variable(content, order)
    if variable.flags & 0xFF != _CELL:
        return _array(variable, order, place)
    cells = [_variable(one.content, order) for one in variable.rest if one.kind == _MATRIX]
    if len(cells) != math.prod(variable.shape):
        raise DataError(
            f"{place}: is a cell of {math.prod(variable.shape)} arrays, {len(cells)} are there; it is damaged."
        )
    return [_array(one, order, f"{place}{{{i}}}") for i, one in enumerate(cells, 1)]


def _array(variable: _Variable, order: str, place: str) -> np.ndarray:
    kind = variable.flags & 0xFF
    if kind not in _NUMBERS or variable.flags & _COMPLEX:
        found = (
            "complex array" if kind in _NUMBERS else "cell in a cell" if kind == _CELL else _OTHER.get(kind, "unknown")
        )
        raise DataError(f"{place}: is a {found}, expected an array of real numbers, or a cell of them.")
    stored = next(variable.rest, None)
    values = np.zeros(0) if stored is None else _numbers(stored, order)
    if values.size != math.prod(variable.shape):
        raise ValueError(f"{place}: {values.size} numbers for the shape {variable.shape}")
    return values.reshape(variable.shape, order="F")
