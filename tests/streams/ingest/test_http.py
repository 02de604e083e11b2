"""The HTTP door, asked by a real client."""

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable

import aiohttp
import msgspec
import pytest

from streams.errors import BadSettings
from streams.ingest.door import Door
from streams.ingest.params import HttpParams
from streams.ingest.server import listening
from tests.support.ingest import (
    ASSIGNMENT,
    BAD,
    DECISION,
    NOW_MS,
    OFFICE,
    PING,
    PROFILE,
    STATUS,
    TICK,
    KeepingOutbox,
)

Opened = Callable[..., Awaitable[aiohttp.ClientSession]]
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}


async def post(
    session: aiohttp.ClientSession, body: object, headers: dict[str, str] = JSON
) -> tuple[int, dict[str, object]]:
    async with session.post("/v1/events", data=body, headers=headers) as response:
        return response.status, await response.json()


async def test_one_event_is_accepted_and_on_its_way_with_the_time_of_its_receipt(
    opened: Opened, outbox: KeepingOutbox
) -> None:
    assert await post(await opened(), PING) == (202, {"accepted": 1, "rejected": []})
    (message,) = outbox.messages
    assert (message.topic, message.key, message.value) == ("headway.technicians", b"t1", PING)
    assert message.timestamp_ms == NOW_MS


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"[" + b",".join([PING, STATUS, ASSIGNMENT, PROFILE]) + b"]", JSON),
        (b"\n".join([PING, STATUS, b"", ASSIGNMENT, PROFILE]), LINES),
        (
            gzip.compress(b"\n".join([PING, STATUS, ASSIGNMENT, PROFILE]), mtime=0),
            LINES | {"Content-Encoding": "gzip"},
        ),
        (
            PING + b"\n" + STATUS + b"\r\n" + ASSIGNMENT + b"\n" + PROFILE,
            {"Content-Type": "application/ndjson"},
        ),
    ],
    ids=["array", "lines", "packed lines", "lines by another name"],
)
async def test_many_events_keep_their_order(
    opened: Opened, outbox: KeepingOutbox, body: bytes, headers: dict[str, str]
) -> None:
    assert await post(await opened(), body, headers) == (202, {"accepted": 4, "rejected": []})
    assert [message.value for message in outbox.messages] == [PING, STATUS, ASSIGNMENT, PROFILE]


async def test_an_office_may_say_its_day_by_http_but_nobody_decides_there(
    opened: Opened, outbox: KeepingOutbox
) -> None:
    status, said = await post(await opened(), b"\n".join([*OFFICE, PING, DECISION]), LINES)
    assert (status, said["accepted"]) == (202, 6)
    assert "a person decides: do it on the board" in said["rejected"][0]["detail"]
    assert [message.key for message in outbox.messages[:6]] == [b"north"] * 5 + [b"t1"]
    topics = [message.topic.removeprefix("headway.") for message in outbox.messages]
    assert topics == ["territories"] * 5 + ["technicians", "dead-letters"]


async def test_one_bad_event_of_an_array_is_named_and_the_others_are_taken(
    opened: Opened, outbox: KeepingOutbox
) -> None:
    status, said = await post(await opened(), b"[" + b",".join([PING, BAD, STATUS]) + b"]")
    assert (status, said["accepted"]) == (202, 2)
    (refused,) = said["rejected"]
    assert (refused["index"], refused["reason"]) == (1, "malformed")
    assert "lat" in refused["detail"]
    topics = [message.topic for message in outbox.messages]
    assert topics == ["headway.technicians", "headway.dead-letters", "headway.technicians"]


@pytest.mark.parametrize(
    "body",
    [
        TICK,
        BAD,
        b"[1, null, [], {}]",
        b'{"type":"ping"',
        b'[{"type":"ping"',
        b"\xff\xfe{\x00",
        PING.replace(b"t1", b"\xff"),
        b"[" * 200_000,
        b'{"technician":"' + b"x" * 100_000 + b'"}',
    ],
    ids=["tick", "bad", "wrong types", "cut", "cut array", "UTF-16", "invalid UTF-8", "deep", "huge"],
)
async def test_where_nothing_is_accepted_the_answer_is_400_and_the_dead_letters_have_it(
    opened: Opened, outbox: KeepingOutbox, body: bytes
) -> None:
    status, said = await post(await opened(), body)
    assert (status, said["accepted"]) == (400, 0)
    assert {refused["reason"] for refused in said["rejected"]} == {"malformed"}
    assert {message.topic for message in outbox.messages} == {"headway.dead-letters"}
    assert len(outbox.messages) == len(said["rejected"])


async def test_an_event_of_another_version_is_told_as_such(opened: Opened) -> None:
    _, said = await post(await opened(), PING[:-1] + b',"v":2}')
    assert said["rejected"][0]["reason"] == "unsupported_version"


@pytest.mark.parametrize(("body", "headers"), [(b"", JSON), (b" \n", JSON), (b"[]", JSON), (b"\n\n", LINES)])
async def test_a_body_without_events_is_a_mistake(
    opened: Opened, outbox: KeepingOutbox, body: bytes, headers: dict[str, str]
) -> None:
    status, said = await post(await opened(), body, headers)
    assert (status, said) == (400, {"error": "there is no event in the body"})
    assert not outbox.messages


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""]
)
async def test_other_content_is_refused_by_its_type(opened: Opened, outbox: KeepingOutbox, kind: str) -> None:
    status, said = await post(await opened(), PING, {"Content-Type": kind})
    assert status == 415
    assert "application/x-ndjson" in said["error"]
    assert not outbox.messages


async def in_pieces(body: bytes) -> "asyncio.AsyncIterator[bytes]":
    for start in range(0, len(body), 512):
        yield body[start : start + 512]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"[" + b",".join([PING] * 30) + b"]", JSON),
        (gzip.compress(b"\n".join([PING] * 10_000), mtime=0), LINES | {"Content-Encoding": "gzip"}),
    ],
    ids=["long", "packed"],
)
async def test_a_body_over_the_limit_is_refused_however_it_comes(
    opened: Opened, outbox: KeepingOutbox, body: bytes, headers: dict[str, str]
) -> None:
    session = await opened(max_body_bytes=2048)
    status, said = await post(session, body, headers)
    assert (status, "2048 bytes" in said["error"]) == (413, True)
    assert (await post(session, in_pieces(body), headers))[0] == 413
    assert not outbox.messages
    assert (await post(session, PING))[0] == 202, "the next request is served"


async def test_too_many_events_are_refused(opened: Opened, outbox: KeepingOutbox) -> None:
    status, said = await post(await opened(max_events=2), b"[1,2,3]")
    assert (status, "at most 2" in said["error"]) == (413, True)
    assert not outbox.messages


@pytest.mark.parametrize(
    ("body", "encoding", "expected"),
    [
        (PING, "gzip", 400),
        (gzip.compress(PING, mtime=0)[:-12], "gzip", 400),
        (gzip.compress(PING, mtime=0) + b"more", "gzip", 400),
        (PING, "br", 415),
    ],
    ids=["plain", "cut", "followed by more", "otherwise"],
)
async def test_a_body_that_is_not_packed_as_it_says_is_refused(
    opened: Opened, outbox: KeepingOutbox, body: bytes, encoding: str, expected: int
) -> None:
    session = await opened()
    status, said = await post(session, body, JSON | {"Content-Encoding": encoding})
    assert (status, "gzip" in said["error"]) == (expected, True)
    assert not outbox.messages


async def test_other_methods_and_places_are_refused_in_json(opened: Opened) -> None:
    session = await opened()
    async with session.get("/v1/events") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
        assert "error" in await response.json()
    async with session.post("/v1/event", data=PING, headers=JSON) as response:
        assert response.status == 404
        assert "error" in await response.json()


@pytest.mark.parametrize("away", ["silent", "refusing"])
async def test_while_kafka_is_away_the_client_hears_when_to_come_again(
    opened: Opened, outbox: KeepingOutbox, away: str
) -> None:
    session = await opened(send_within_s=0.05, retry_after_s=7)
    outbox.away = away
    async with session.post("/v1/events", data=PING, headers=JSON) as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "7")
    async with session.get("/healthz") as response:
        assert (response.status, await response.json()) == (200, {"kafka_answered": False, "counts": {}})
    outbox.away = None
    assert (await post(session, PING))[0] == 202
    async with session.get("/healthz") as response:
        assert await response.json() == {"kafka_answered": True, "counts": {"accepted": 1}}


async def test_nothing_is_confirmed_before_kafka_has_it(opened: Opened, outbox: KeepingOutbox) -> None:
    session = await opened(max_waiting=1)
    outbox.through.clear()
    waiting = asyncio.create_task(post(session, PING))
    await outbox.asked.wait()
    status, said = await post(session, STATUS)
    assert (status, "at work already" in said["error"]) == (503, True)
    assert not waiting.done()
    outbox.through.set()
    assert (await waiting)[0] == 202
    assert [message.value for message in outbox.messages] == [PING]


async def test_a_client_that_never_ends_its_body_is_let_go(opened: Opened) -> None:
    session = await opened(read_within_s=0.05)

    async def endless() -> "asyncio.AsyncIterator[bytes]":
        yield b"{"
        await asyncio.Event().wait()

    status, said = await post(session, endless())
    assert (status, "no whole body" in said["error"]) == (408, True)


POST = b"POST /v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01 noise\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\nzz\r\n",
        POST + b"Content-Length: 10\r\n\r\n{",
        POST + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
    ids=["TLS", "negative length", "bad chunk", "bad second chunk", "cut", "long header"],
)
async def test_noise_on_the_port_troubles_nobody(
    opened: Opened, outbox: KeepingOutbox, caplog: pytest.LogCaptureFixture, noise: bytes
) -> None:
    session = await opened()
    reader, writer = await asyncio.open_connection("127.0.0.1", session._base_url.port)
    writer.write(noise)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    assert not answer or b" 400 " in answer
    assert not outbox.messages
    assert (await post(session, PING))[0] == 202
    assert not caplog.records


async def test_a_taken_port_is_named(door: Door, outbox: KeepingOutbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadSettings, match=f"127.0.0.1:{port}.*HEADWAY_HTTP__PORT"):
            async with listening(door, outbox, HttpParams(port=port), lambda: NOW_MS):
                pass


async def test_at_the_end_the_request_at_work_is_finished(door: Door, outbox: KeepingOutbox) -> None:
    async with listening(door, outbox, HttpParams(port=0), lambda: NOW_MS) as port:
        session = aiohttp.ClientSession(f"http://127.0.0.1:{port}")
        outbox.through.clear()
        waiting = asyncio.create_task(post(session, PING))
        await outbox.asked.wait()
        asyncio.get_running_loop().call_later(0.1, outbox.through.set)
    async with session:
        assert (await waiting)[0] == 202


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="port"):
        msgspec.convert({"port": 70_000}, HttpParams)
