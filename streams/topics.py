"""The topics: what each carries, who owns its keys, and how it is kept."""

from collections.abc import Mapping
from typing import Literal, Self

import msgspec

from streams.settings import Settings

MAX_MESSAGE_BYTES = 1_048_576
"""The broker's own default; a fence of 100,000 cells takes more than that."""
MAX_FENCE_BYTES = 8 * 1_048_576


class Topic(msgspec.Struct, frozen=True):
    """One topic. Those with `spread` have as many partitions as `technicians`, the others one."""

    name: Literal["technicians", "signals", "territories", "plans", "fences", "dead-letters"]
    key: str
    carries: str
    spread: bool = True
    compacted: bool = False
    kept_for_ever: bool = False
    max_message_bytes: int = MAX_MESSAGE_BYTES

    def config(self, retention_ms: int) -> dict[str, str]:
        """As the broker's topic configuration has it."""
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(-1 if self.kept_for_ever or self.compacted else retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": "CreateTime",
            # A simulated day may lie ahead of the broker's clock.
            "message.timestamp.after.max.ms": str(2**63 - 1),
        }


TECHNICIANS = Topic("technicians", "technician", "pings, statuses, assignments, routes, profiles, ticks")
SIGNALS = Topic("signals", "technician", "what telemetry concludes, in the partition of its input")
TERRITORIES = Topic("territories", "territory", "appointments, risks, lost technicians, people's commands")
PLANS = Topic("plans", "territory", "proposals, accepted plans, no better plan")
FENCES = Topic(
    "fences",
    "fence and version",
    "fences, with the time from which they hold; every worker reads all",
    spread=False,
    compacted=True,
    max_message_bytes=MAX_FENCE_BYTES,
)
DEAD_LETTERS = Topic(
    "dead-letters",
    "source topic",
    "what nobody can process, byte for byte, with the reason",
    spread=False,
    kept_for_ever=True,
    # The original's headers and ours come on top of an original that was as big as may be.
    max_message_bytes=2 * MAX_MESSAGE_BYTES,
)
ALL = (TECHNICIANS, SIGNALS, TERRITORIES, PLANS, FENCES, DEAD_LETTERS)
ARCHIVED = (TECHNICIANS, SIGNALS, TERRITORIES, PLANS)

READERS: Mapping[str, Topic] = {
    "telemetry": TECHNICIANS,
    "risk": SIGNALS,
    "rebalance": TERRITORIES,
    "dispatch": PLANS,
    "acknowledgements": SIGNALS,
    **{f"archive-{topic.name}": topic for topic in ARCHIVED},
}
"""The agents, and the log that each of them reads as a group of its name. Some share a process."""


def group_of(settings: Settings, reader: str) -> str:
    """The consumer group of an agent."""
    return f"{settings.namespace}-{reader}"


class Topics(msgspec.Struct, frozen=True):
    """The names as they are on the broker: the namespace goes before each."""

    technicians: str
    signals: str
    territories: str
    plans: str
    fences: str
    dead_letters: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(*(f"{settings.namespace}.{topic.name}" for topic in ALL))


def ensure(settings: Settings, *, history: bool = False) -> None:
    """Create the topics that are missing; those that are there stay as they are. Raises `BrokerUnavailable`.

    `history`: what will be published bears the time when it happened, maybe years ago. Retention goes by
    that time and would delete it as it comes in, so nothing is deleted then.
    Raises `BadSettings` where a topic has another number of partitions than the settings say.
    """
    # The clients are only needed here, and importing them takes a while.
    from streams.adapters import kafka

    names = [f"{settings.namespace}.{topic.name}" for topic in ALL]
    if settings.kafka.embedded:
        kafka.touch(settings, names)
        return
    retention_ms = -1 if history else round(settings.kafka.retention_h * 3_600_000)
    kafka.create(
        settings,
        {
            name: (settings.kafka.partitions if topic.spread else 1, topic.config(retention_ms))
            for name, topic in zip(names, ALL, strict=True)
        },
    )
