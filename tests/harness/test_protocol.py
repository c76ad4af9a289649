"""Messages come back as they went; whatever else comes is Garbled, and soon."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.harness.protocol import (
    MAX_HEADER,
    MAX_MESSAGE,
    MOST_NUMBERS,
    MOST_SIZES,
    TYPES,
    Garbled,
    Returned,
    pack,
    returned,
    unpack,
)
from grader.result import Feedback

SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    kind, shape = draw(st.sampled_from(TYPES)), draw(SHAPES)
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    data = draw(st.binary(min_size=size, max_size=size))
    return np.frombuffer(bytes(byte & 1 for byte in data) if kind == "bool" else data, kind).reshape(shape)


HEADERS = st.dictionaries(
    st.text(max_size=5), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists), max_size=3
)


def message(text: object, data: bytes = b"") -> bytes:
    """Of any header."""
    said = text if isinstance(text, bytes) else json.dumps(text).encode()
    return struct.pack(">I", len(said)) + said + data


def of(arrays: object, data: bytes = b"") -> bytes:
    return message({"header": {}, "arrays": arrays}, data)


# --- there and back ---


@settings(max_examples=60)
@given(header=HEADERS, content=st.lists(arrays(), max_size=3))
def test_a_message_comes_back_as_it_went(header: dict[str, Any], content: list[np.ndarray]) -> None:
    back, found = unpack(pack(header, content))
    assert back == header
    assert len(found) == len(content)
    for one, other in zip(found, content, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12).reshape(3, 4).T,
        np.arange(12)[::-2],
        np.broadcast_to(np.float32(2), (2, 3)),
        np.zeros((0, 5)),
        np.array(3.5),
    ],
)
def test_however_an_array_lies_in_memory(array: np.ndarray) -> None:
    _, (found,) = unpack(pack({}, [array]))
    assert found.shape == array.shape
    assert np.array_equal(found, array)


def test_nothing_that_came_can_be_written_to() -> None:
    _, (found,) = unpack(pack({}, [np.zeros(3)]))
    assert not found.flags.writeable


def of_size(size: int) -> Returned:
    header = {"kind": "array", "type": "ndarray", "dtype": "int8", "shape": [size], "array": 0}
    back, found = unpack(pack(header, [np.zeros(size, np.int8)]))
    return returned(back, found)


def test_little_of_a_value_is_kept_and_nothing_of_the_message() -> None:
    kept, told = of_size(MOST_NUMBERS), of_size(MOST_NUMBERS + 1)
    assert kept.array is not None
    assert kept.array.base is None
    assert (told.array, told.dtype, told.shape) == (None, "int8", (MOST_NUMBERS + 1,))


def test_a_shape_is_not_long() -> None:
    said = {"kind": "tensor", "type": "Tensor", "dtype": "int8", "array": None}
    assert returned(said | {"shape": [1] * MOST_SIZES}, []).shape == (1,) * MOST_SIZES
    with pytest.raises(Garbled):
        returned(said | {"shape": [1] * (MOST_SIZES + 1)}, [])


# --- what is no message ---


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_random_bytes(data: bytes) -> None:
    with pytest.raises(Garbled):
        unpack(data)


@settings(max_examples=100)
@given(st.binary(max_size=60))
def test_random_bytes_after_a_length(data: bytes) -> None:
    with pytest.raises(Garbled):
        unpack(struct.pack(">I", len(data)) + data)


def test_every_truncation() -> None:
    whole = pack({"a": [1, "é"]}, [np.arange(3), np.array(True)])
    assert unpack(whole)
    for end in range(len(whole)):
        with pytest.raises(Garbled):
            unpack(whole[:end])


@settings(max_examples=300)
@given(place=st.integers(0, 10**6), value=st.integers(0, 255))
def test_a_byte_that_was_changed_raises_nothing_else(place: int, value: int) -> None:
    whole = bytearray(pack({"results": [{"changed": []}]}, [np.arange(3), np.zeros((2, 2), np.float32)]))
    whole[place % len(whole)] = value
    try:
        header, found = unpack(bytes(whole))
    except Garbled:
        return
    assert isinstance(header, dict)
    assert sum(array.nbytes for array in found) <= len(whole)


HOSTILE = {
    "nothing": b"",
    "no header": struct.pack(">I", 0),
    "a long header": struct.pack(">I", 2**32 - 1) + b"{}",
    "a header that is too long": message(b" " * (MAX_HEADER + 1)),
    "no mapping": message([1, 2]),
    "a number": message(3),
    "no arrays": message({"header": {}}),
    "a header that is a list": message({"header": [], "arrays": []}),
    "arrays that are a mapping": of({"int64": [1]}),
    "an array of three": of([["int64", [1], 1]], bytes(8)),
    "an array that is a number": of([3]),
    "an unknown type": of([["object", [1]]], bytes(8)),
    "a structured type": of([["i8,O", [1]]], bytes(16)),
    "a type that is a list": of([[["int64"], [1]]], bytes(8)),
    "a shape that is a number": of([["int64", 1]], bytes(8)),
    "a shape of texts": of([["int64", "1"]], bytes(8)),
    "a shape that is a mapping": of([["int8", {}]], bytes(1)),
    "a shape that is an empty text": of([["int8", ""]], bytes(1)),
    "a negative size": of([["int64", [-1]]]),
    "two negative sizes": of([["int64", [-1, -1]]], bytes(8)),
    "a size that is no integer": of([["int64", [1.0]]], bytes(8)),
    "a size that is true": of([["int64", [True]]], bytes(8)),
    "a huge size": of([["int64", [10**30]]]),
    "sizes that multiply to a huge one": of([["int8", [2**28] * 3]]),
    "a huge size and none": of([["int64", [2**40, 0]]]),
    "many dimensions": of([["int8", [1] * 100]], bytes(1)),
    "very many dimensions": of([["int8", [9] * (MAX_HEADER // 3 - 20)]]),
    "too few bytes": of([["int64", [2]]], bytes(15)),
    "too many bytes": of([["int64", [2]]], bytes(17)),
    "bytes of no array": of([], b"x"),
    "nested lists": message(b'{"header": {}, "arrays": ' + b"[" * 10**6),
    "nested mappings": message(b'{"a":' * 10**5),
    "no end": message(b'{"header": {'),
    "a long number": message(b'{"header": {}, "arrays": ' + b"9" * 10**5 + b"}"),
    "no text": message(b"\xff\xfe\xfd"),
    "half a character": message('{"header": "é"'.encode()[:-2]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_garbled(name: str) -> None:
    with pytest.raises(Garbled):
        unpack(HOSTILE[name])


def test_many_empty_arrays_take_no_memory() -> None:
    count = MAX_HEADER // 100
    _, found = unpack(of([["int8", [0]]] * count))
    assert sum(array.nbytes for array in found) == 0


def test_nan_in_a_header_is_a_number_like_another() -> None:
    header, _ = unpack(message(b'{"header": {"seconds": NaN, "more": [Infinity]}, "arrays": []}'))
    assert header["seconds"] != header["seconds"]


# --- what a function returned ---

SAID = {"kind": "tensor", "type": "Tensor", "dtype": "float32", "shape": [2], "array": 0}
PASSED = [np.array([1.0, 2.0], np.float32)]


def test_a_value_is_what_was_said() -> None:
    assert str(returned(SAID, PASSED)) == "a tensor of float32 with shape (2,)"
    assert returned({**SAID, "dtype": "bfloat16", "array": None}, PASSED).dtype == "bfloat16"
    assert str(Returned("none", "NoneType")) == "None"
    assert "float64" in str(Returned("numpy", "float64"))
    assert "list" in str(Returned("other", "list"))


def test_the_type_is_that_of_the_numbers_whatever_is_said() -> None:
    assert returned({**SAID, "dtype": "int64"}, PASSED).dtype == "float32"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "list"},
        {"kind": None},
        {"kind": ["tensor"]},
        {"type": 3},
        {"type": "x" * 1000},
        {"dtype": None},
        {"shape": [3]},
        {"shape": [2.0]},
        {"shape": None},
        {"shape": 2},
        {"shape": ["2"], "array": None},
        {"array": 1},
        {"array": "0"},
        {"array": [0]},
        {"array": 0.0},
    ],
    ids=str,
)
def test_what_is_no_value_is_garbled(change: dict[str, Any]) -> None:
    with pytest.raises(Garbled):
        returned({**SAID, **change}, PASSED)


@pytest.mark.parametrize("said", [None, 3, [], "x", {}, {"kind": "tensor"}])
def test_nor_is_something_else(said: object) -> None:
    with pytest.raises(Garbled):
        returned(said, PASSED)


@pytest.mark.parametrize("text", [rb'"\ud800x"', b'"\xed\xa0\x80x"'])
def test_half_a_character_can_be_written_down(text: bytes) -> None:
    """A lone surrogate is a text to JSON and to Python, and to nobody who reads a report."""
    header, _ = unpack(message(b'{"header": {"text": ' + text + b'}, "arrays": []}'))
    assert header["text"] == "?x"
    assert Feedback(text=header["text"]).model_dump_json()


def test_a_message_has_a_size() -> None:
    assert MAX_HEADER < MAX_MESSAGE
