"""The archive role: all that goes over the topics, into files. Four logs in one worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from streams.agents.archive import Archive
from streams.bootstrap import options
from streams.chunks import Log
from streams.settings import Settings
from streams.topics import ARCHIVED


def logs(settings: Settings) -> list[Log]:
    """The agents are told the time whatever the log has: by it they know how long rows have waited."""
    return [
        (
            options(settings, f"archive-{topic.name}", f"{settings.namespace}.{topic.name}", ticks=True),
            partial(archive, settings, topic.name),
        )
        for topic in ARCHIVED
    ]


@asynccontextmanager
async def archive(settings: Settings, topic: str) -> AsyncIterator[Archive]:
    """The archive of one topic, in a folder of the namespace: systems that share a folder keep apart in it."""
    folder = Path(settings.archive.folder) / settings.namespace
    yield Archive(topic, msgspec.structs.replace(settings.archive, folder=str(folder)))
