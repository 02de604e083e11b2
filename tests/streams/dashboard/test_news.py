"""What the follower heard, as pages share it."""

import asyncio

from features.events import Cause, Signal, Ticked
from features.territory_events import AcceptProposal, TechnicianLost
from streams.dashboard.live import stream
from streams.dashboard.news import Item, News
from streams.dashboard.params import BoardParams


class Wall:
    ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


def lost(number: int) -> Item:
    return Item(f"1-0-{number}", TechnicianLost(territory="t", time_ms=number, technician="ana"))


def tick(time_ms: int) -> Item:
    return Item(f"0-0-{time_ms}", Signal(id="", cause=Cause("t", 0, 0, 0), event=Ticked(time_ms)))


async def test_the_feed_goes_on_after_the_last_item_that_was_seen() -> None:
    news = News(3, Wall())
    news.hear([lost(number) for number in range(5)])
    assert [item.id for item in news.since("1-0-3") or ()] == ["1-0-4"]
    assert news.since("1-0-4") == []
    assert news.since("1-0-0") is None


async def test_ticks_are_heard_but_not_kept() -> None:
    news = News(10, Wall())
    news.hear([tick(1)])
    assert (list(news.items), news.revision) == ([], 1)


async def test_an_answer_counts_until_it_has_waited_too_long() -> None:
    wall = Wall()
    news = News(10, wall)
    news.hear([Item("1-0-0", AcceptProposal(territory="t", time_ms=5, by="Kim", proposal="p"))])
    assert news.answers()["p"].verb == "accepted"
    wall.ms += 60_000
    assert news.answers() == {}


async def test_the_pace_of_event_time_is_measured_over_some_seconds() -> None:
    wall = Wall()
    news = News(10, wall)
    assert news.pace() == 1.0
    for second in range(15):
        news.hear([tick(60_000 * second)])
        wall.ms += 1_000
    assert round(news.pace()) == 60


async def test_the_pace_is_that_of_the_last_seconds() -> None:
    """A demo runs ahead to where there is something to see, and then slowly."""
    wall, clock_ms = Wall(), 0
    news = News(10, wall)
    for second in range(60):
        clock_ms += 600_000 if second < 40 else 20_000
        news.hear([tick(clock_ms)])
        wall.ms += 1_000
    assert round(news.pace()) == 20


async def test_a_stream_ends_as_soon_as_the_news_do() -> None:
    news = News(10, Wall())
    told = stream(news, BoardParams(stream_s=600, beat_s=600))
    heard = [await anext(told), await anext(told)]
    waiting = asyncio.create_task(anext(told, "over"))
    await asyncio.sleep(0)
    news.end()
    assert heard[1].startswith("event: changed")
    assert await asyncio.wait_for(waiting, 5) == "over"


async def test_what_somebody_answered_here_counts_at_once() -> None:
    news = News(10, Wall())
    news.answered(AcceptProposal(territory="t", time_ms=5, by="Kim", proposal="p"))
    assert news.answers()["p"].verb == "accepted"
    assert news.revision == 1


async def test_waiting_ends_with_the_next_news() -> None:
    news = News(10, Wall())
    waiting = asyncio.create_task(news.changed(news.revision, 30.0))
    await asyncio.sleep(0)
    news.hear([lost(1)])
    assert await waiting
    assert not await news.changed(news.revision, 0.01)


async def test_a_stream_tells_at_once_beats_and_ends() -> None:
    news = News(10, Wall())
    news.problem = "Kafka does not answer"
    told = [part async for part in stream(news, BoardParams(stream_s=0.05, beat_s=0.02))]
    assert told[0].startswith("retry: ")
    assert told[1] == "event: changed\nid: 0\ndata: Kafka does not answer\n\n"
    assert {part.split("\n")[0] for part in told[2:]} == {"event: beat"}
