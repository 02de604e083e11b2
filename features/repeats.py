"""Telling what was sent again: after a crash an agent may send once more what it has sent, the very same."""

from collections.abc import Mapping

from features.events import Cause


def newest(seen: Mapping[str, Cause], kind: str, cause: Cause) -> tuple[str, Cause] | None:
    """What to remember of an event of this kind with this cause; None where it was here before.

    Of one kind of event, everything that an input partition causes is made by one agent, in its order. So
    what is not above the last cause of its kind and source was here before. `seen` is by kind and source.
    """
    source = f"{kind}:{cause.topic}:{cause.partition}"
    last = seen.get(source)
    return None if last is not None and cause <= last else (source, cause)


def is_new(seen: dict[str, Cause], kind: str, cause: Cause) -> bool:
    """Whether an event was not here before; then `seen` remembers it."""
    found = newest(seen, kind, cause)
    if found is not None:
        seen.update([found])
    return found is not None
