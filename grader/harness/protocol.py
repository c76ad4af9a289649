"""What the grader and the process that runs a student's code say to each other.

A message is a JSON header and arrays as raw bytes, each with its type and shape; nothing in it can be code. What a
student's function returned comes back as a ``Returned``: what it was, exactly, and its numbers, if it holds numbers.
The other side may be hostile: a message that is not as it should be raises Garbled, whatever is wrong with it.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from grader.errors import GraderError

Array: TypeAlias = NDArray[Any]

MAX_MESSAGE = 2**28
MAX_HEADER = 2**22
MAX_DIMENSIONS = 32  # of an array; the product of a million sizes would take minutes
TYPES = ("bool", "int8", "uint8", "int16", "int32", "int64", "float16", "float32", "float64")
# Of tensors and arrays whose numbers are not passed on.
OTHER_TYPES = frozenset(
    "bfloat16 complex32 complex64 complex128 uint16 uint32 uint64 object float8_e4m3fn float8_e5m2 longdouble".split()
)
MOST_NUMBERS = 4096  # of a value, to be kept; no function that is right returns more than some hundred
MOST_SIZES = 64  # of its shape
MOST_DIMENSIONS, LARGEST = 4, 256  # of a shape that is told
_LENGTH = struct.Struct(">I")


class Garbled(GraderError):
    """What came back is no message."""


class Odd(Garbled):
    """Our side of a student's process failed after their code had run: on what they did, or on a fault of ours."""


def pack(header: dict[str, Any], arrays: Sequence[Array] = ()) -> bytes:
    """A message; ``header`` refers to its arrays by their place."""
    whole = [np.ascontiguousarray(array) for array in arrays]
    described = [[array.dtype.name, list(array.shape)] for array in arrays]
    text = json.dumps({"header": header, "arrays": described}).encode()
    return b"".join((_LENGTH.pack(len(text)), text, *(array.tobytes() for array in whole)))


def unpack(message: bytes) -> tuple[dict[str, Any], list[Array]]:
    """The header and the arrays. Raises Garbled."""
    try:
        (length,) = _LENGTH.unpack_from(message)
        if length > MAX_HEADER:
            raise Garbled("its header is too long")
        text = _clean(json.loads(message[_LENGTH.size : _LENGTH.size + length]))
        header, described = text["header"], text["arrays"]
        if not isinstance(header, dict) or not isinstance(described, list):
            raise Garbled("its header is no mapping")
        return header, _arrays(message, _LENGTH.size + length, described)
    except (ValueError, KeyError, TypeError, RecursionError, struct.error, MemoryError, OverflowError) as error:
        raise Garbled(f"it cannot be read: {type(error).__name__}") from None


def _clean(said: Any) -> Any:
    """The same without lone surrogates, which JSON knows and no report can be written with."""
    text = json.dumps(said, ensure_ascii=False)
    whole = text.encode("utf-8", "replace")
    return said if whole.decode() == text else json.loads(whole)


def _arrays(message: bytes, place: int, described: list[Any]) -> list[Array]:
    arrays = []
    for name, shape in described:
        if type(shape) is not list or len(shape) > MAX_DIMENSIONS or name not in TYPES:
            raise Garbled("an array of it has no type or shape that is known")
        if not all(type(size) is int and 0 <= size <= MAX_MESSAGE for size in shape):
            raise Garbled("an array of it has no type or shape that is known")
        kind = np.dtype(name)
        count = math.prod(shape)
        if place + count * kind.itemsize > len(message):
            raise Garbled("it is shorter than its arrays")
        arrays.append(np.frombuffer(message, kind, count, place).reshape(shape))
        place += count * kind.itemsize
    if place != len(message):
        raise Garbled("it is longer than its arrays")
    return arrays


# --- what a function returned ---


@dataclass(frozen=True, slots=True)
class Returned:
    """A value that a student's function returned.

    ``kind`` is ``tensor`` (exactly ``torch.Tensor``), ``array``, ``numpy`` (a NumPy scalar), ``float``, ``int``,
    ``bool``, ``none``, or ``other``; ``type`` its type as Python calls it. ``array`` holds its numbers where it is one
    of the first six and has at most ``MOST_NUMBERS``; ``dtype`` and ``shape`` are told of tensors whose numbers are not
    passed on as well. Names that are not known are empty.
    """

    kind: str
    type: str
    array: Array | None = None
    dtype: str = ""
    shape: tuple[int, ...] = ()

    def __str__(self) -> str:
        """For people: ``a tensor of float32 with shape (1, 5)``. It holds hardly anything that was freely chosen."""
        if self.kind in ("tensor", "array"):
            noun = "a tensor" if self.kind == "tensor" else "a NumPy array"
            return f"{noun} of {self.dtype or 'another dtype'} {_form(self.shape)}"
        if self.kind == "none":
            return "None"
        if self.kind == "numpy":
            return f"a NumPy scalar ({self.type})" if self.type else "a NumPy scalar"
        return f"a value of type {self.type}" if self.type else "a value of another type"


def _form(shape: tuple[int, ...]) -> str:
    """A row's shape, in which one size says something; of others the number of dimensions: a shape may spell tokens."""
    if len(shape) > MOST_DIMENSIONS:
        return "of another shape"
    if sum(size != 1 for size in shape) <= 1 and all(0 <= size <= LARGEST for size in shape):
        return f"with shape {shape}"
    return f"with {len(shape)} dimension{'s' * (len(shape) != 1)}"


_KINDS = frozenset({"tensor", "array", "numpy", "float", "int", "bool", "none", "other"})


def returned(described: Any, arrays: Sequence[Array]) -> Returned:
    """From what the other side says, of which little is kept, and nothing of the message. Raises Garbled."""
    try:
        kind, name, dtype = described["kind"], described["type"], described["dtype"]
        shape, place = described["shape"], described["array"]
        if kind not in _KINDS or not all(isinstance(text, str) and len(text) < 200 for text in (name, dtype)):
            raise Garbled("a value in it is of no kind that is known")
        array = None if place is None else arrays[place]
        if len(shape) > MOST_SIZES:
            raise Garbled("a value in it has too many dimensions")
        if not all(type(size) is int for size in shape) or (array is not None and list(array.shape) != list(shape)):
            raise Garbled("a value in it has two shapes")
        if array is not None:
            dtype = array.dtype.name
            array = array.copy() if array.size <= MOST_NUMBERS else None
        return Returned(kind, name, array, dtype if dtype in OTHER_TYPES.union(TYPES) else "", tuple(shape))
    except (KeyError, TypeError, IndexError) as error:
        raise Garbled(f"a value in it cannot be read: {type(error).__name__}") from None
