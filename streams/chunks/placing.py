"""Where reading begins in a partition."""

import msgspec

from streams.errors import PositionBeyondLog


class Bounds(msgspec.Struct, frozen=True):
    """What the broker holds of a partition: its first offset, and the one after its last."""

    start: int
    end: int


class Place(msgspec.Struct, frozen=True):
    """The offset to read next, and how many records before it nobody will ever read."""

    offset: int
    gone: int = 0


def place(topic: str, partition: int, stored: int | None, committed: int | None, bounds: Bounds) -> Place:
    """The stored position; without one, where the group was; without that, the beginning.

    Raises `PositionBeyondLog`: offsets on this topic aren't those that the state was made from.
    """
    if stored is not None and stored > bounds.end:
        raise PositionBeyondLog(
            f"the state of partition {partition} of {topic} was made from {stored} records, but the topic "
            f"ends at {bounds.end}: it was deleted and created again, or this is another broker. Point to the "
            "broker that the state belongs to, or drop the state (its Redis keys) to begin anew from the topic"
        )
    wanted = stored if stored is not None else committed
    if wanted is None or wanted > bounds.end:
        return Place(bounds.start)
    if wanted < bounds.start:
        return Place(bounds.start, gone=bounds.start - wanted)
    return Place(wanted)
