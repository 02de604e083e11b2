"""What an operator gets to read: our own lines, and of the libraries only what somebody has to know."""

import logging
import sys
from collections.abc import Callable, Mapping
from typing import TextIO

FORMAT = "%(asctime)s %(levelname)-7s %(message)s"
SERVICE = "[^"
"""How messages of Faust's services begin: with their depth and name, as in `[^--Fetcher]: Starting...`."""
LIBRARIES = ("aiokafka", "faust", "mode", "kafka", "librdkafka", "asyncio", "confluent_kafka")

AWAY: Mapping[str, tuple[str, ...]] = {
    "aiokafka": (
        "Unable connect to",
        "Unable to request metadata from",
        "Unable to update metadata from",
        "Failed fetch messages from",
        "Failed fetch offsets from",
        "Error sending %s to node",
        "Marking the coordinator dead",
        "Group Coordinator Request failed",
        "Heartbeat send request failed",
        "Heartbeat session expired",
        "Heartbeat failed for group %s: coordinator",
        "LeaveGroup request failed",
        "Unexpected error while fetching data",
        "No broker metadata found in MetadataResponse",
    ),
    "kafka": ("",),
    "librdkafka": ("FAIL", "ERROR", "REQTMOUT", "GETPID", "METADATAUPDATE"),
}
"""How messages begin by which a client complains that the broker is away. They go to the outage watch instead."""

ROUTINE: Mapping[str, tuple[str, ...]] = {
    "aiokafka": (
        "Heartbeat failed for group %s because it is rebalancing",
        "Heartbeat failed for group %s: generation id is not  current",
        "Heartbeat failed: local member_id was not recognized",
        "OffsetCommit failed for group",
        "OffsetCommit failed before join",
        "Topic %s is not available during auto-create",
        # The embedded broker, when a second worker joins while the first is about to; they join again.
        "Unexpected error from SyncGroup",
    ),
    "faust": (
        "Crashed reason",
        "Ignoring missing topic",
        "Recovery rebalancing again",
        "rebalance again generation",
        "Missing sensor state",
    ),
    "mode": ("Crashed reason", "Timer "),
}
"""How messages begin that are part of a rebalance or an end, which we report ourselves."""


class OperatorFilter(logging.Filter):
    """Lets our own records through, and warnings of libraries that are neither routine nor about an outage."""

    def __init__(self, complaint: Callable[[str], None] | None = None) -> None:
        super().__init__()
        self._complaint = complaint

    def filter(self, record: logging.LogRecord) -> bool:
        # Services of Faust that we have subclassed log under our names, behind the depth of their place.
        library = "mode" if str(record.msg).startswith(SERVICE) else record.name.partition(".")[0]
        if library not in LIBRARIES:
            return True
        if record.levelno < logging.WARNING or _begins(record, ROUTINE.get(library, ())):
            return False
        if self._complaint is None or not _begins(record, AWAY.get(library, ())):
            return True
        self._complaint(record.getMessage())
        return False


def configure(
    level: str, complaint: Callable[[str], None] | None = None, stream: TextIO | None = None
) -> logging.Handler:
    """Log to standard error, or `stream`, one line a record; an earlier configuration is replaced."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(OperatorFilter(complaint))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
    return handler


def _begins(record: logging.LogRecord, beginnings: tuple[str, ...]) -> bool:
    text = str(record.msg)
    if text.startswith(SERVICE):
        _, _, text = text.partition("]: ")
    # What librdkafka says is not in the format, "%s [%s] %s", but in its arguments.
    return text.startswith(beginnings) or record.getMessage().startswith(beginnings)
