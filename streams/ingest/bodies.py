"""A request's body: read, unpacked, and cut into the bytes of its events, with limits at each step.

What is wrong with it is raised as the HTTP answer that says so.
"""

import asyncio
import zlib
from collections.abc import Callable

import msgspec
from aiohttp import web

from streams.ingest.params import HttpParams

GZIP_WINDOW = 31
_split_array = msgspec.json.Decoder(list[msgspec.Raw]).decode


async def events_of(request: web.Request, params: HttpParams) -> list[bytes]:
    """The events of a request, at least one. Raises `web.HTTPException`."""
    split = _splitter(request)
    packed = request.headers.get("Content-Encoding", "identity").lower()
    if packed not in ("identity", "gzip"):
        raise web.HTTPUnsupportedMediaType(text=f"Content-Encoding is {packed}; gzip is read, and plain text")
    body = await _read(request, params)
    events = split(unpacked(body, params.max_body_bytes) if packed == "gzip" else body)
    if not events:
        raise web.HTTPBadRequest(text="there is no event in the body")
    if len(events) > params.max_events:
        raise _too_large(f"{len(events)} events, at most {params.max_events} are taken at a time: send fewer")
    return events


def of_json(body: bytes) -> list[bytes]:
    """One JSON event, or the elements of an array. What is neither comes out whole: the door refuses it."""
    text = body.strip()
    if text.startswith(b"["):
        try:
            return [bytes(element) for element in _split_array(text)]
        except (ValueError, RecursionError):
            pass
    return [text] if text else []


def of_ndjson(body: bytes) -> list[bytes]:
    """One event a line; empty lines do not count."""
    return [line for line in map(bytes.strip, body.split(b"\n")) if line]


def unpacked(body: bytes, most: int) -> bytes:
    """What gzip packed, up to `most` bytes. Raises `web.HTTPException`; a bomb is not unpacked."""
    unpacking = zlib.decompressobj(wbits=GZIP_WINDOW)
    try:
        plain = unpacking.decompress(body, most + 1)
    except zlib.error as error:
        raise web.HTTPBadRequest(text=f"the body is not gzip, as its header says: {error}") from error
    if len(plain) > most:
        raise _too_long(most)
    if not unpacking.eof or unpacking.unused_data:
        raise web.HTTPBadRequest(text="the body is not one whole gzip stream")
    return plain


def _splitter(request: web.Request) -> Callable[[bytes], list[bytes]]:
    kinds = {
        "application/json": of_json,
        "application/x-ndjson": of_ndjson,
        "application/ndjson": of_ndjson,
    }
    split = kinds.get(request.content_type)
    if split is None or (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        said = request.headers.get("Content-Type", "nothing")
        raise web.HTTPUnsupportedMediaType(
            text=f"Content-Type says {said}; application/json and application/x-ndjson in UTF-8 are read"
        )
    return split


async def _read(request: web.Request, params: HttpParams) -> bytes:
    most = params.max_body_bytes
    if (request.content_length or 0) > most:
        raise _too_long(most)
    try:
        async with asyncio.timeout(params.read_within_s):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text=f"no whole body in {params.read_within_s:g} s") from None
    except web.HTTPRequestEntityTooLarge:
        raise _too_long(most) from None


def _too_long(most: int) -> web.HTTPRequestEntityTooLarge:
    return _too_large(f"the body is over {most} bytes: send fewer events at a time")


def _too_large(text: str) -> web.HTTPRequestEntityTooLarge:
    return web.HTTPRequestEntityTooLarge(0, text=text)
