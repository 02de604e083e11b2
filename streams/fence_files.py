"""Fences in files and on their topic: read GeoJSON, publish, read back what holds."""

import gzip
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import get_args

import msgspec

from features.events import Fence, FenceKind
from features.fence_geojson import Defaults, from_geojson
from features.fences import InvalidFence, prepare
from streams.codec import encode, key_of
from streams.errors import BadInput
from streams.ports import Message
from streams.settings import Settings
from streams.topics import Topics


class ReadFences(msgspec.Struct, frozen=True):
    """What a file held: good fences, what had to be repaired (fence, how), and why others are refused."""

    fences: list[Fence]
    repaired: list[tuple[str, str]]
    refused: list[str]


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
    return read


def whole(read: ReadFences, path: Path) -> list[Fence]:
    """All fences of a file. Raises `BadInput` where one is refused: half a file is nobody's intention."""
    if read.refused:
        raise BadInput(
            f"{path}: {len(read.refused)} fences refused, none loaded; the first: {read.refused[0]}"
        )
    return read.fences


def next_versions(fences: Iterable[Fence], current: Mapping[str, Fence]) -> list[Fence]:
    """The fences with a version above the one that holds; those that say the same stay out."""
    out = []
    for fence in fences:
        held = current.get(fence.fence)
        if held is None:
            out.append(fence)
        elif msgspec.structs.replace(fence, version=held.version, valid_from_ms=held.valid_from_ms) != held:
            out.append(msgspec.structs.replace(fence, version=held.version + 1))
    return out


def messages(settings: Settings, fences: Iterable[Fence]) -> Iterator[Message]:
    """One record a fence and version: compaction keeps every version, so a replay finds the one that held."""
    topic = Topics.of(settings).fences
    for fence in fences:
        yield Message(topic, key_of(fence), encode(fence))


def current(settings: Settings) -> dict[str, Fence]:
    """The newest version of every fence on the topic that is not removed."""
    from streams.adapters.log import LogReader

    newest: dict[str, Fence] = {}
    with LogReader(settings, Topics.of(settings).fences) as reader:
        for record in reader.to_end():
            if record.value is None:
                continue
            fence = msgspec.json.decode(record.value, type=Fence)
            if fence.fence not in newest or fence.version >= newest[fence.fence].version:
                newest[fence.fence] = fence
    return {name: fence for name, fence in newest.items() if not fence.removed}


def _kind(kind: str | None) -> FenceKind | None:
    try:
        return msgspec.convert(kind, FenceKind | None)
    except msgspec.ValidationError:
        kinds = ", ".join(get_args(FenceKind))
        raise BadInput(f"--kind {kind!r} is no kind of fence; the kinds are {kinds}") from None


def _features(path: Path) -> list[object]:
    try:
        raw = path.read_bytes()
        document = msgspec.json.decode(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, EOFError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path} is not JSON ({error}); a GeoJSON Feature or FeatureCollection is needed"
        ) from error
    kind = document.get("type") if isinstance(document, dict) else type(document).__name__
    if kind == "Feature":
        return [document]
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        return list(document["features"])
    raise BadInput(f"{path} holds {kind!r}; a GeoJSON Feature or FeatureCollection is needed")


def _refuse_twins(read: ReadFences) -> None:
    seen: set[str] = set()
    for fence in read.fences:
        if fence.fence in seen:
            read.refused.append(
                f"fence {fence.fence!r} is there twice; give each feature an `id` property of its own"
            )
        seen.add(fence.fence)
