"""Fences in files and on their topic: read GeoJSON, publish, read back what holds when."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import msgspec

from features.fence_events import Fence, FenceKind
from features.fence_geojson import Defaults, from_geojson
from features.fence_index import Held, held
from features.fences import InvalidFence, PreparedFence, prepare
from features.rejection import Rejection
from features.wire import TimeMs
from streams.codec import MAX_FENCE_BYTES, decode_fence, encode, key_of
from streams.errors import BadInput
from streams.ports import Message
from streams.settings import Settings
from streams.topics import Topics

GZIP = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ReadFences(msgspec.Struct, frozen=True):
    """What a file held: good fences, what had to be repaired (fence, how), and why others are refused."""

    fences: list[Fence]
    repaired: list[tuple[str, str]]
    refused: list[str]


class Versions(msgspec.Struct, frozen=True):
    """All versions of fences on the topic, and what stands there that is no fence."""

    versions: dict[tuple[str, int], Fence]
    odd: list[str]

    def newest(self) -> dict[str, Fence]:
        """By name the highest version, also where that one is removed."""
        return {name: self.versions[name, version] for name, version in sorted(self.versions)}

    def held(self) -> Iterator[Held]:
        """Every version that ever holds, and when, by name and time."""
        return held(list(self._prepared()))

    def _prepared(self) -> Iterator[PreparedFence]:
        for fence in self.versions.values():
            try:
                yield prepare(fence)
            except InvalidFence as error:
                self.odd.append(str(error))


def read_file(path: Path, kind: str | None = None) -> ReadFences:
    """The fences of a GeoJSON file. Raises `BadInput` where it is not one."""
    read, defaults = ReadFences([], [], []), Defaults(kind=_kind(kind))
    for number, feature in enumerate(_features(path)):
        try:
            prepared = prepare(from_geojson(feature, defaults, number))
        except InvalidFence as error:
            read.refused.append(str(error))
            continue
        read.fences.append(prepared.fence)
        if prepared.repairs:
            read.repaired.append((prepared.fence.fence, "; ".join(prepared.repairs)))
    _refuse_twins(read)
    _refuse_huge(read)
    return read


def whole(read: ReadFences, path: Path) -> list[Fence]:
    """All fences of a file. Raises `BadInput` where one is refused: half a file is nobody's intention."""
    if read.refused:
        refused = len(read.refused)
        raise BadInput(
            f"{path}: {refused} of its fences {'is' if refused == 1 else 'are'} refused, so none is loaded; "
            f"the first: {read.refused[0]}"
        )
    return read.fences


def next_versions(
    fences: Iterable[Fence], newest: Mapping[str, Fence], now_ms: int, from_ms: int | None = None
) -> list[Fence]:
    """The fences that are new or changed, each with a version above the newest one that is known.

    They hold from `from_ms`, else from when the file says; else a new fence holds always and a changed one
    from now on, so that what happened under the old version stays as it was.
    """
    out = []
    for fence in fences:
        known = newest.get(fence.fence)
        since_ms = fence.valid_from_ms if from_ms is None else from_ms
        if known is None:
            out.append(msgspec.structs.replace(fence, valid_from_ms=since_ms))
        elif not _same(fence, known):
            version = max(known.version + 1, fence.version)
            out.append(msgspec.structs.replace(fence, version=version, valid_from_ms=since_ms or now_ms))
    return out


def removals(names: Iterable[str], newest: Mapping[str, Fence], from_ms: int) -> list[Fence]:
    """The versions that end fences. Raises `BadInput` for one that is not there."""
    out = []
    for name in dict.fromkeys(names):
        known = newest.get(name)
        if known is None or known.removed:
            raise BadInput(f"there is no fence {name!r}; `headway fences list` shows those that there are")
        ended = msgspec.structs.replace(known, version=known.version + 1, valid_from_ms=from_ms, removed=True)
        out.append(ended)
    return out


def messages(settings: Settings, fences: Iterable[Fence]) -> Iterator[Message]:
    """One record a fence and version: compaction keeps every version, so a replay finds the one that held."""
    topic = Topics.of(settings).fences
    for fence in fences:
        yield Message(topic, key_of(fence), encode(fence))


def on_topic(settings: Settings) -> Versions:
    """Every version of every fence that was published."""
    from streams.adapters.log import LogReader

    found = Versions({}, [])
    with LogReader(settings, Topics.of(settings).fences) as reader:
        for record in reader.to_end():
            if record.value is None:
                continue
            fence = decode_fence(record.value)
            if isinstance(fence, Rejection):
                found.odd.append(f"the record at offset {record.offset} is no fence: {fence.detail}")
            else:
                found.versions[fence.fence, fence.version] = fence
    return found


def moment(text: str, option: str) -> int:
    """Unix milliseconds of an ISO 8601 time, UTC where it says no offset. Raises `BadInput`."""
    try:
        said = datetime.fromisoformat(text)
        said = said if said.tzinfo else said.replace(tzinfo=UTC)
        return msgspec.convert(round(said.timestamp() * 1000), TimeMs)
    except (ValueError, OverflowError):
        raise BadInput(
            f"{option} {text!r} is no time; write it as 2026-03-17T08:00:00Z or 2026-03-17T08:00:00-05:00"
        ) from None


def _same(fence: Fence, known: Fence) -> bool:
    return msgspec.structs.replace(fence, version=known.version, valid_from_ms=known.valid_from_ms) == known


def _kind(kind: str | None) -> FenceKind | None:
    kinds: tuple[FenceKind, ...] = get_args(FenceKind)
    for known in kinds:
        if kind == known:
            return known
    if kind is None:
        return None
    raise BadInput(f"--kind {kind!r} is no kind of fence; the kinds are {', '.join(kinds)}")


def _features(path: Path) -> list[object]:
    document = _json(path)
    if isinstance(document, dict):
        if document.get("type") == "Feature":
            return [document]
        features = document.get("features")
        if document.get("type") == "FeatureCollection" and isinstance(features, list):
            return features
    what = repr(document.get("type")) if isinstance(document, dict) else f"a {type(document).__name__}"
    raise BadInput(f"{path} holds {what}; a GeoJSON Feature or FeatureCollection is needed")


def _json(path: Path) -> object:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    try:
        # By what is in it: a name promises nothing.
        text = gzip.decompress(raw) if raw.startswith(GZIP) else raw
        return msgspec.json.decode(text.removeprefix(BYTE_ORDER_MARK))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(f"{path} is broken: {error}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{path} is not JSON ({error}); a GeoJSON Feature or FeatureCollection is needed"
        ) from error


def _refuse_twins(read: ReadFences) -> None:
    seen: set[str] = set()
    for fence in read.fences:
        if fence.fence in seen:
            read.refused.append(
                f"fence {fence.fence!r} is there twice; give each feature an `id` property of its own"
            )
        seen.add(fence.fence)


def _refuse_huge(read: ReadFences) -> None:
    for fence in read.fences:
        size = len(encode(fence))
        if size > MAX_FENCE_BYTES:
            read.refused.append(
                f"fence {fence.fence!r} takes {size:,} bytes, at most {MAX_FENCE_BYTES:,} are read; "
                "draw it with fewer corners"
            )
