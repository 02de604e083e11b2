"""The archive role: all that goes over the topics, into files. Four logs in one worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from streams.agents.archive import Archive
from streams.archive.compaction import Compaction
from streams.archive.disk import check_writable
from streams.archive.params import ArchiveParams
from streams.bootstrap import options
from streams.chunks import Log
from streams.settings import Settings
from streams.topics import ARCHIVED


def logs(settings: Settings) -> list[Log]:
    """The agents are told the time whatever the log has: by it they know how long rows have waited."""
    params = in_namespace(settings)
    compaction = Compaction(Path(params.folder), params)
    return [
        (
            options(settings, f"archive-{topic.name}", f"{settings.namespace}.{topic.name}", ticks=True),
            partial(archive, topic.name, params, compaction),
        )
        for topic in ARCHIVED
    ]


@asynccontextmanager
async def archive(topic: str, params: ArchiveParams, compaction: Compaction) -> AsyncIterator[Archive]:
    """The archive of one topic. Raises `BadSettings` where its folder can't be written: nothing is to wait for."""
    await asyncio.to_thread(check_writable, Path(params.folder))
    yield Archive(topic, params, compaction)


def in_namespace(settings: Settings) -> ArchiveParams:
    """With the folder of the namespace: systems that share a folder keep apart in it."""
    folder = Path(settings.archive.folder) / settings.namespace
    return msgspec.structs.replace(settings.archive, folder=str(folder))
