"""The fences that a worker has heard of."""

import logging

import msgspec
import pytest

from features.fence_events import Fence
from features.fence_index import FenceIndex
from streams.codec import encode
from streams.fence_book import FenceBook
from tests.support.fences import area, circle, reach_m


class Record(msgspec.Struct, frozen=True):
    offset: int
    value: bytes | None


def book() -> FenceBook:
    return FenceBook(lambda fences: FenceIndex.of(fences, reach_m))


def records(*fences: Fence) -> list[Record]:
    return [Record(n, encode(fence)) for n, fence in enumerate(fences)]


def test_without_any_fence_the_index_is_empty() -> None:
    assert len(book().index()) == 0


def test_every_version_stays_known_so_that_a_replay_finds_the_one_that_held() -> None:
    heard = book()
    heard.hear(records(circle("yard")))
    heard.hear(records(circle("yard", radius_m=300.0, version=2, valid_from_ms=1000)))
    index = heard.index()
    held = [index.holding("yard", time_ms) for time_ms in (0, 999, 1000)]
    assert [one.fence.version for one in held if one is not None] == [1, 1, 2]


def test_the_index_is_built_anew_only_when_something_was_heard() -> None:
    heard = book()
    heard.hear(records(circle("yard")))
    index = heard.index()
    assert heard.index() is index
    heard.hear(records(circle("shop")))
    assert heard.index() is not index
    assert len(heard.index()) == 2


def test_what_cannot_be_used_is_said_and_the_others_go_on_holding(caplog: pytest.LogCaptureFixture) -> None:
    heard = book()
    flat = area("flat", [(0, 0), (100, 0), (200, 0)])
    with caplog.at_level(logging.ERROR):
        heard.hear([Record(5, b"junk"), Record(6, encode(flat)), Record(7, None), *records(circle("yard"))])
    assert len(heard.index()) == 1
    said = [record.getMessage() for record in caplog.records]
    assert "offset 5" in said[0]
    assert "offset 6" in said[1]
    assert "flat" in said[1]
    assert len(said) == 2
