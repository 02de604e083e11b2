"""How a request's body is cut into events."""

import pytest

from streams.ingest.bodies import of_json, of_ndjson


def test_one_object_is_one_event() -> None:
    assert of_json(b' {"a": 1}\n') == [b'{"a": 1}']


def test_an_array_gives_its_elements_as_they_stand() -> None:
    assert of_json(b'[{"a": "[,]"} , 1,[2, 3], "x" ]') == [b'{"a": "[,]"}', b"1", b"[2, 3]", b'"x"']


@pytest.mark.parametrize("body", [b"", b" \n", b"[]", b" [ ] "])
def test_nothing_is_no_event(body: bytes) -> None:
    assert of_json(body) == []


@pytest.mark.parametrize("body", [b"[{}", b"[{},]", b"[{}] x", b"[" * 100_000, b"[\xff", b"nonsense"])
def test_what_is_no_json_comes_out_whole(body: bytes) -> None:
    assert of_json(body) == [body]


def test_lines_are_events_and_empty_lines_are_not() -> None:
    assert of_ndjson(b'{"a": 1}\r\n\n  \n{"b": 2}') == [b'{"a": 1}', b'{"b": 2}']
    assert of_ndjson(b"\n \r\n") == []
